import { describe, expect, test } from 'vitest';
import { accepts, examine, type Examined, silent } from './examined-machine.ts';
import type { CheckResult } from './check-result.ts';

test.each<[string, Examined, string, CheckResult['state'], string]>([
  [
    'an engine that cannot be set up',
    { node: 'cri-o://1.34.0' },
    'engine',
    'problem',
    'crio is not yet supported by this version',
  ],
  ['a silent engine', { engineVersion: silent }, 'engine', 'problem', 'cannot ask the engine'],
  [
    'an old engine',
    { engineVersion: '1.5.9' },
    'engine-version',
    'problem',
    'containerd 1.5.9, which is not supported',
  ],
  [
    'a new engine',
    { engineVersion: 'v2.5.0' },
    'engine-version',
    'warning',
    'containerd v2.5.0, newer than the tested versions',
  ],
  ['a packager', { engineVersion: '1.6.20~ds1' }, 'engine-version', 'ok', 'containerd 1.6.20~ds1'],
  [
    'a snapshotter on 1.6',
    { engineVersion: '1.6.20', options: { qemu: { snapshotter: 'nydus' } } },
    'engine-version',
    'problem',
    'containerd 1.6.20, with a snapshotter set for kata-qemu',
  ],
  [
    'no configuration',
    { without: ['/etc/containerd'] },
    'engine-configuration',
    'ok',
    'there is none: defaults',
  ],
  [
    'a foreign handler',
    {
      files: {
        '/etc/containerd/config.toml':
          '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata-qemu]\nruntime_type = "other"\n',
      },
    },
    'engine-configuration',
    'problem',
    '/etc/containerd/config.toml defines the handler kata-qemu with another shim',
  ],
  [
    'missing imports',
    { files: { '/etc/containerd/config.toml': 'version = 2\nimports = ["/a", "/b"]\n' } },
    'engine-configuration',
    'problem',
    '/etc/containerd/config.toml imports /a, which does not exist: containerd would not start; /etc/containerd/config.toml imports /b, which does not exist: containerd would not start',
  ],
  [
    'kubelet was not asked',
    { options: { qemu: { forceGuestPull: true } } },
    'kubelet-timeout',
    'unknown',
    'kubelet was not asked for its configuration',
  ],
  [
    'kubelet refuses',
    { options: { qemu: { pullType: 'guest-pull' } }, kubelet: silent },
    'kubelet-timeout',
    'unknown',
    'cannot ask the engine',
  ],
  [
    'an impatient kubelet',
    { options: { qemu: { snapshotter: 'nydus' } }, kubelet: '2m0s' },
    'kubelet-timeout',
    'warning',
    "kubelet's runtimeRequestTimeout is 120 s",
  ],
  [
    'a patient kubelet',
    { options: { qemu: { forceGuestPull: true } }, kubelet: '10m0s' },
    'kubelet-timeout',
    'ok',
    "kubelet's runtimeRequestTimeout is 600 s",
  ],
  // Issue 12.21: the waiter is a sidecar.
  [
    'a kubelet that starts sidecars',
    { kubeletVersion: 'v1.29.0-gke.1' },
    'kubelet-version',
    'ok',
    'kubelet is v1.29.0-gke.1',
  ],
  [
    'a kubelet that starts none',
    { kubeletVersion: 'v1.28.15' },
    'kubelet-version',
    'problem',
    'kubelet is v1.28.15, which starts no sidecars: this node is not supported',
  ],
  [
    'a node object that cannot be read',
    { kubeletVersion: silent },
    'kubelet-version',
    'unknown',
    'cannot ask the engine',
  ],
  ['a sandbox', { sandboxes: ['0123456789abcdef'] }, 'sandboxes', 'ok', '1 Kata sandboxes are running'],
  // Issue 12.8, case 07-leaked-sandbox-trace.
  [
    'a trace of a sandbox that is gone',
    { files: { '/run/vc/sbs/0123456789abcdef': { directory: true } } },
    'sandboxes',
    'warning',
    '0 Kata sandboxes are running',
  ],
  [
    'a trace, and an engine that does not answer',
    { files: { '/run/vc/sbs/0123456789abcdef': { directory: true } }, engineVersion: silent },
    'sandboxes',
    'warning',
    '1 Kata sandboxes are running',
  ],
])('%s', async (_, given, check, state, seen) => {
  const results = await examine(given);

  expect(results.filter((each) => each.check === check).map((each) => [each.state, each.seen])).toEqual([
    [state, seen],
  ]);
});

test('issue 12.2: names what others changed since the engine was started (cases/05-neighbour-bomb)', async () => {
  const checkOf = async (engineStartedAtMs: number): Promise<CheckResult | undefined> =>
    (await examine({ engineStartedAtMs })).find(({ check }) => check === 'engine-configuration');

  expect(await checkOf(-1)).toMatchObject({
    state: 'warning',
    seen: '/etc/containerd/config.toml changed after the engine was started, and perhaps it has not loaded that yet',
  });
  expect(await checkOf(1)).toMatchObject({ state: 'ok' });
});

test('issue 12.3: where the engine cannot be asked, its configuration is judged by our own reading', async () => {
  const results = await examine({ program: () => ({ exitCode: 1, output: '' }) });

  expect(results.find(({ check }) => check === 'engine-configuration')).toMatchObject({
    state: 'ok',
    seen: '/etc/containerd/config.toml can be edited, by our own reading: the program that containerd.service starts does not report a version of containerd',
  });
});

test('issue 12.3: what only the engine itself would refuse is a problem (cases/05-neighbour-bomb)', async () => {
  const refusal = 'containerd: toml: cannot decode TOML string into struct field X of type bool\n';
  const results = await examine({
    engineStartedAtMs: 1,
    program: (question) => (question === '--version' ? accepts('2.2.1')() : { exitCode: 1, output: refusal }),
  });

  expect(results.find(({ check }) => check === 'engine-configuration')).toMatchObject({
    state: 'problem',
    seen: 'the engine would not load it after an installation: toml: cannot decode TOML string into struct field X of type bool',
    next: 'correct what it names, in /etc/containerd/config.toml',
  });
});

describe('a version on disk that is newer than the one that runs', () => {
  const examineUpdated = async (config: string): Promise<readonly CheckResult[]> => {
    const results = await examine({
      engineVersion: 'v2.2.1',
      program: accepts('v2.4.2'),
      files: { '/etc/containerd/config.toml': config },
    });
    return results.filter(({ check }) => check.startsWith('engine-'));
  };

  test('is named, and the configuration is judged as it reads it: schema 4', async () => {
    expect(await examineUpdated('version = 4\n')).toMatchObject([
      { check: 'engine-version', state: 'ok', seen: 'containerd v2.2.1' },
      {
        check: 'engine-version',
        state: 'ok',
        seen: 'containerd v2.4.2; it is on disk, and the next start of the engine runs it',
      },
      {
        check: 'engine-configuration',
        state: 'ok',
        seen: '/etc/containerd/config.toml can be edited',
      },
    ]);
  });

  test('is judged by what it cannot do', async () => {
    const results = await examine({ engineVersion: '1.7.30', program: accepts('2.5.0') });

    expect(results.filter(({ check }) => check === 'engine-version')).toMatchObject([
      { state: 'ok', seen: 'containerd 1.7.30' },
      {
        state: 'warning',
        seen: 'containerd 2.5.0, newer than the tested versions; it is on disk, and the next start of the engine runs it',
      },
    ]);
  });
});
