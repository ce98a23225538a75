import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import { describe, expect, test } from 'vitest';
import type { EngineContext } from '../contract.ts';
import { containerd } from './index.ts';
import { findHandlers, planDrops } from './own-handlers.ts';
import { location } from './location.ts';

const context: EngineContext = { location, prefix: '/opt/kata', suffix: '', owned: [] };
const main = '/etc/containerd/config.toml';
const shared: HostPath = '/etc/containerd/conf.d/kata-deploy.toml';
const defaults = '/opt/kata/share/defaults/kata-containers';

const table = (plugin: string, name: string, keys: string): string =>
  `[plugins.${plugin}.containerd.runtimes.${name}]\n${keys}\n`;

/** The keys that upstream's installer and ours write into every handler. */
const written = 'privileged_without_host_devices = true\npod_annotations = ["io.katacontainers.*"]';

const cases = [
  {
    title: 'with the path of its shim, in a drop-in of the shared directory',
    version: '2.2.1',
    files: {
      [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
      [shared]: `version = 3\n${table(
        '"io.containerd.cri.v1.runtime"',
        'kata-qemu',
        `runtime_type = "io.containerd.kata-qemu.v2"\nruntime_path = "/opt/kata/bin/containerd-shim-kata-v2"\noptions = { ConfigPath = "${defaults}/a.toml" }`,
      )}`,
    },
    found: {
      name: 'kata-qemu',
      shimPath: '/opt/kata/bin/containerd-shim-kata-v2',
      configPath: `${defaults}/a.toml`,
      file: shared,
      isDropIn: true,
    },
  },
  {
    title: 'with the name of its shim, in the main file',
    version: '1.6.20',
    files: {
      [main]: table(
        'cri',
        'kata-qemu',
        `runtime_type = "io.containerd.kata-qemu.v2"\n${written}\noptions = { ConfigPath = "${defaults}/configuration-qemu.toml" }`,
      ),
    },
    found: {
      name: 'kata-qemu',
      shimPath: '/usr/local/bin/containerd-shim-kata-qemu-v2',
      configPath: `${defaults}/configuration-qemu.toml`,
      file: main,
      isDropIn: false,
    },
  },
  {
    title: 'of a custom runtime, with a path as its type',
    version: '1.6.20',
    files: {
      [main]: `version = 2\n${table('"io.containerd.grpc.v1.cri"', 'mine', `runtime_type = "/opt/kata/bin/shim"\n${written}\noptions = { ConfigPath = "${defaults}/custom-runtimes/mine/configuration-qemu.toml" }`)}`,
    },
    found: {
      name: 'mine',
      shimPath: '/opt/kata/bin/shim',
      configPath: `${defaults}/custom-runtimes/mine/configuration-qemu.toml`,
      file: main,
      isDropIn: false,
    },
  },
];

describe('our handlers', () => {
  test.each(cases)('$title', async ({ version, files, found }) => {
    const facts = await containerd.probe(new MemoryHost({ files }), version, context);

    expect(findHandlers(facts, context)).toEqual([found]);
  });

  test('do not include foreign ones', async () => {
    const files = {
      [main]: `version = 2\n${table('"io.containerd.grpc.v1.cri"', 'kata-qemu', 'runtime_type = "/opt/kata-2/bin/shim"')}`,
    };
    const facts = await containerd.probe(new MemoryHost({ files }), '1.7.30', context);

    expect(findHandlers(facts, context)).toEqual([]);
  });
});

test('a drop removes only the named handlers', async () => {
  const kata = (name: string): string =>
    table(
      '"io.containerd.grpc.v1.cri"',
      name,
      `runtime_type = "io.containerd.${name}.v2" # theirs\n${written}\noptions = { ConfigPath = "${defaults}/configuration-${name}.toml" }`,
    );
  const others = 'version = 2   # odd\n';
  const files = { [main]: `${others}${kata('kata-a')}${kata('kata-b')}` };
  const facts = await containerd.probe(new MemoryHost({ files }), '1.7.30', context);

  expect(planDrops(facts, ['kata-a', 'kata-c'], context)).toEqual([
    { path: main, before: files[main], after: `${others}${kata('kata-b')}`, original: others },
  ]);
});
