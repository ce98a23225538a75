import { describe, expect, test } from 'vitest';
import { accepts, examine, type Examined, unresponsive } from './testkit/examined-machine.ts';
import type { CheckResult } from './check-result.ts';

test.each<[string, Examined, string, CheckResult['state'], string]>([
  [
    'an unsupported engine',
    { node: 'docker://28.1.0' },
    'engine',
    'problem',
    'docker is not yet supported by this version',
  ],
  [
    'an unresponsive engine',
    { engineVersion: unresponsive },
    'engine',
    'problem',
    'containerd does not answer',
  ],
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
  [
    'a version with the suffix of a distribution',
    { engineVersion: '1.6.20~ds1' },
    'engine-version',
    'ok',
    'containerd 1.6.20~ds1',
  ],
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
    'there is no configuration file: defaults apply',
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
    'kubelet was not queried',
    { options: { qemu: { forceGuestPull: true } } },
    'kubelet-timeout',
    'unknown',
    "kubelet's configuration was not queried",
  ],
  [
    'kubelet does not answer',
    { options: { qemu: { pullType: 'guest-pull' } }, kubelet: unresponsive },
    'kubelet-timeout',
    'unknown',
    'containerd does not answer',
  ],
  [
    'a kubelet with a short timeout',
    { options: { qemu: { snapshotter: 'nydus' } }, kubelet: '2m0s' },
    'kubelet-timeout',
    'warning',
    "kubelet's runtimeRequestTimeout is 120 s",
  ],
  [
    'a kubelet with a long timeout',
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
    'a kubelet that does not start sidecars',
    { kubeletVersion: 'v1.28.15' },
    'kubelet-version',
    'problem',
    'kubelet is v1.28.15, which does not support sidecar containers: this node is not supported',
  ],
  [
    'an unreadable Node object',
    { kubeletVersion: unresponsive },
    'kubelet-version',
    'unknown',
    'containerd does not answer',
  ],
  ['a sandbox', { sandboxes: ['0123456789abcdef'] }, 'sandboxes', 'ok', 'running Kata sandboxes: 1'],
  // Issue 12.8, case 07-leaked-sandbox-trace.
  [
    'a left-over directory of a sandbox',
    { files: { '/run/vc/sbs/0123456789abcdef': { directory: true } } },
    'sandboxes',
    'warning',
    'running Kata sandboxes: 0',
  ],
  [
    'a directory of a sandbox, and an unresponsive engine',
    { files: { '/run/vc/sbs/0123456789abcdef': { directory: true } }, engineVersion: unresponsive },
    'sandboxes',
    'warning',
    'running Kata sandboxes: 1',
  ],
])('%s', async (_, given, check, state, seen) => {
  const results = await examine(given);

  expect(results.filter((each) => each.check === check).map((each) => [each.state, each.seen])).toEqual([
    [state, seen],
  ]);
});

test('issue 12.2: names foreign changes since the start of the engine (cases/05-neighbour-bomb)', async () => {
  const checkOf = async (engineStartedAtMs: number): Promise<CheckResult | undefined> =>
    (await examine({ engineStartedAtMs })).find(({ check }) => check === 'engine-configuration');

  expect(await checkOf(-1)).toMatchObject({
    state: 'warning',
    seen: '/etc/containerd/config.toml changed after the container runtime was started, which may not have loaded the change',
  });
  expect(await checkOf(1)).toMatchObject({ state: 'ok' });
});

test('issue 12.3: where the engine cannot check its configuration, our own parser does', async () => {
  const results = await examine({ program: () => ({ exitCode: 1, output: '' }) });

  expect(results.find(({ check }) => check === 'engine-configuration')).toMatchObject({
    state: 'ok',
    seen: '/etc/containerd/config.toml can be edited, as far as kata-deploy can tell: the program that containerd.service starts does not report a version of containerd',
  });
});

test('issue 12.3: a configuration that the engine itself refuses is a problem (cases/05-neighbour-bomb)', async () => {
  const refusal = 'containerd: toml: cannot decode TOML string into struct field X of type bool\n';
  const results = await examine({
    engineStartedAtMs: 1,
    program: (question) => (question === '--version' ? accepts('2.2.1')() : { exitCode: 1, output: refusal }),
  });

  expect(results.find(({ check }) => check === 'engine-configuration')).toMatchObject({
    state: 'problem',
    seen: 'the container runtime would not load it after an installation: toml: cannot decode TOML string into struct field X of type bool',
    next: 'correct the reported error in /etc/containerd/config.toml',
  });
});

describe('a version on disk that is newer than the running one', () => {
  const examineUpdated = async (config: string): Promise<readonly CheckResult[]> => {
    const results = await examine({
      engineVersion: 'v2.2.1',
      program: accepts('v2.4.2'),
      files: { '/etc/containerd/config.toml': config },
    });
    return results.filter(({ check }) => check.startsWith('engine-'));
  };

  test('is reported, and the configuration is checked with it: schema 4', async () => {
    expect(await examineUpdated('version = 4\n')).toMatchObject([
      { check: 'engine-version', state: 'ok', seen: 'containerd v2.2.1' },
      {
        check: 'engine-version',
        state: 'ok',
        seen: 'containerd v2.4.2; installed on disk, it runs after the next restart',
      },
      {
        check: 'engine-configuration',
        state: 'ok',
        seen: '/etc/containerd/config.toml can be edited',
      },
    ]);
  });

  test('is checked for support, too', async () => {
    const results = await examine({ engineVersion: '1.7.30', program: accepts('2.5.0') });

    expect(results.filter(({ check }) => check === 'engine-version')).toMatchObject([
      { state: 'ok', seen: 'containerd 1.7.30' },
      {
        state: 'warning',
        seen: 'containerd 2.5.0, newer than the tested versions; installed on disk, it runs after the next restart',
      },
    ]);
  });
});
