import { createLinuxHost, LinuxFiles } from '@kata/host';
import { expect, test } from 'vitest';
import { readSandboxes } from '@kata/installer';
import { answer, examine, type Examined, settings, silent } from './examined-machine.ts';
import { examineNode } from './examine-node.ts';
import { formatResults } from './format-results.ts';

test('a healthy machine', async () => {
  expect(formatResults(await examine())).toBe(
    `ok       kvm                   /dev/kvm and its driver are there
ok       processor             the processor has vmx
ok       vhost-vsock           /dev/vhost-vsock is there
ok       vhost-net             /dev/vhost-net is there
ok       prefix                /opt/kata is on the mount /, writable, with execution
ok       space                 167 MB are needed below /opt/kata, 1000000 MB are free
ok       selinux               SELinux is disabled
ok       systemd               /run/systemd/private is there
ok       engine                containerd answers
ok       engine-version        containerd 2.2.1
ok       engine-configuration  /etc/containerd/config.toml can be edited
ok       sandboxes             0 Kata sandboxes are running

ok: 12`,
  );
});

test('what is not ok says what to do, and what is ok does not', async () => {
  const results = await examine({
    without: ['/dev'],
    files: { '/dev/null': '' },
    shims: ['qemu', 'qemu-tdx'],
  });

  expect(results.filter(({ state, next }) => (state === 'ok') !== (next === undefined))).toEqual([]);
});

test.each<[string, Examined, readonly string[]]>([
  ['virtual machines elsewhere', { shims: ['remote'] }, ['prefix', 'space']],
  ['no QEMU', { shims: ['clh', 'remote'] }, ['kvm', 'processor', 'prefix', 'space']],
  ['ARM', { kataArchitecture: 'aarch64' }, ['kvm', 'vhost-vsock', 'vhost-net', 'prefix', 'space']],
])('%s: only what applies is checked', async (_, given, checks) => {
  const results = await examine(given);

  const others = ['selinux', 'systemd', 'engine', 'engine-version', 'engine-configuration', 'sandboxes'];
  expect(results.map(({ check }) => check)).toEqual([...checks, ...others]);
});

test('as JSON, each result has the same shape', async () => {
  const [kvm, , vsock] = await examine({ without: ['/dev/vhost'] });

  expect(JSON.parse(JSON.stringify([kvm, vsock]))).toEqual([
    {
      check: 'kvm',
      state: 'ok',
      seen: '/dev/kvm and its driver are there',
      why: 'every hypervisor of Kata runs its guests through /dev/kvm',
    },
    {
      check: 'vhost-vsock',
      state: 'problem',
      seen: '/dev/vhost-vsock is not there',
      why: 'QEMU lets the runtime talk to the agent in the guest through it',
      next: 'modprobe vhost_vsock; to keep it: echo vhost_vsock >/etc/modules-load.d/vhost_vsock.conf',
    },
  ]);
});

test('this very machine can be examined', async () => {
  const host = createLinuxHost({ root: '/' });
  const results = await examineNode({
    host,
    own: new LinuxFiles({ root: '/' }),
    settings: settings({ shims: ['clh'] }),
    engine: {
      version: async () => await answer(silent),
      servedHandlers: async () => [],
    },
    payload: async () => {
      throw silent;
    },
    sandboxes: async () => await readSandboxes(host, [], undefined),
  });

  expect(results.find(({ check }) => check === 'prefix')?.seen).toMatch(/^\/opt\/kata is on the mount \//);
  expect(results.find(({ check }) => check === 'space')).toMatchObject({ state: 'unknown' });
});
