/** Issue 12.2: how containerd is queried before a restart; `tests/engines` does it with real loaders. */
import type { HostPath } from '@kata/host';
import { expect, test } from 'vitest';
import { someHandlers, Trial } from '../conformance/trial.ts';
import { tested } from './testkit/conformance-machines.ts';
import { containerd } from './index.ts';
import { loader } from './candidate.ts';
import { location } from './location.ts';

const main: HostPath = '/etc/containerd/config.toml';
const neighbour: HostPath = '/etc/containerd/conf.d/gpu.toml';
const context = { location, prefix: '/opt/kata', suffix: '', owned: [] } as const;

test.each([
  ['containerd github.com/containerd/containerd/v2 v2.4.2 1a2b\n', 'v2.4.2'],
  ['containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1\n', '1.6.20~ds1'],
  ['k3s version v1.30.1+k3s1\n', undefined],
  ['', undefined],
])('its version is read from its own output: %j', (output, version) => {
  expect(loader.readVersion(output)).toBe(version);
});

test('its reason for a refusal is reported literally, without its log', () => {
  const log = 'time="x" level=warning msg="containerd: migrated"\n';

  expect(loader.readRefusal(`${log}containerd: toml: bad\n  value\n`)).toBe('toml: bad value');
  expect(loader.readRefusal(log)).toBeUndefined();
});

test('foreign files are loaded from their paths, and files that import ours are copied', async () => {
  const files = {
    [main]: 'version = 3 # mine\nimports = ["conf.d/*.toml", "/srv/one.toml"]\n',
    [neighbour]: 'version = 3\n',
    '/srv/one.toml': 'version = 3\n',
  };
  const facts = await new Trial(tested, '2.4.2', files).facts();
  const edits = containerd.planEdits(facts, someHandlers(['kata-qemu']), context);

  const candidate = loader.makeCandidate(facts, edits, '/run/x');

  expect(edits.map(({ path }) => path)).toEqual(['/etc/containerd/conf.d/kata-deploy.toml']);
  expect(candidate).toEqual({
    arguments: ['--config', '/run/x/0.toml', 'config', 'dump'],
    copies: [
      {
        path: '/run/x/0.toml',
        of: main,
        text: `version = 3 # mine\nimports = ["${neighbour}", "/run/x/1.toml", "/srv/one.toml"]\n`,
      },
      { path: '/run/x/1.toml', of: edits[0]?.path, text: edits[0]?.after },
    ],
  });
});

test('without a main file there is nothing to query', async () => {
  const facts = await new Trial(tested, '2.4.2', {}).facts();

  expect(loader.makeCandidate(facts, [], '/run/x')).toBeUndefined();
});

test('a file with the name *.toml is a file, not a pattern', async () => {
  const strange: HostPath = '/etc/containerd/conf.d/*.toml';
  const files = {
    [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
    [neighbour]: 'version = 3\n',
    [strange]: 'version = 3\noom_score = 1\n',
  };
  const facts = await new Trial(tested, '2.4.2', files).facts();

  expect(containerd.configFiles(facts)).toEqual([main, strange, neighbour]);
  const edits = containerd.planEdits(facts, someHandlers(['kata-qemu']), context);
  const copies = loader.makeCandidate(facts, edits, '/run/x')?.copies ?? [];
  expect(copies.map(({ of }) => of)).toEqual([main, strange, '/etc/containerd/conf.d/kata-deploy.toml']);
  expect(copies[0]?.text).toContain(`imports = ["/run/x/1.toml", "${neighbour}", "/run/x/2.toml"]`);
});
