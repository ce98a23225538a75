import { createLinuxHost, LinuxFiles } from '@kata/host';
import { expect, test } from 'vitest';
import { readSandboxes } from '@kata/installer';
import { answer, examine, type Examined, settings, unresponsive } from './testkit/examined-machine.ts';
import { examineNode } from './examine-node.ts';
import { formatResults } from './format-results.ts';

test('a healthy machine', async () => {
  expect(formatResults(await examine())).toBe(
    `ok       kvm                   /dev/kvm exists and the kernel has its driver
ok       processor             the processor has vmx
ok       vhost-vsock           /dev/vhost-vsock exists
ok       vhost-net             /dev/vhost-net exists
ok       prefix                /opt/kata is on the mount /, which is writable and executable
ok       space                 /opt/kata needs 167 MB, and 1000000 MB are free on /dev/vda (mount /)
ok       selinux               SELinux is disabled
ok       systemd               /run/systemd/private exists
ok       engine                containerd answers
ok       engine-version        containerd 2.2.1
ok       engine-configuration  /etc/containerd/config.toml can be edited
ok       sandboxes             running Kata sandboxes: 0

ok: 12`,
  );
});

test('every result but ok has a next step', async () => {
  const results = await examine({
    without: ['/dev'],
    files: { '/dev/null': '' },
    shims: ['qemu', 'qemu-tdx'],
  });

  expect(results.filter(({ state, next }) => (state === 'ok') !== (next === undefined))).toEqual([]);
});

test.each<[string, Examined, readonly string[]]>([
  ['remote virtual machines', { shims: ['remote'] }, ['prefix', 'space']],
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
      seen: '/dev/kvm exists and the kernel has its driver',
      why: 'all hypervisors of Kata need /dev/kvm to run guests',
    },
    {
      check: 'vhost-vsock',
      state: 'problem',
      seen: '/dev/vhost-vsock does not exist',
      why: 'with QEMU, the runtime talks to the agent in the guest through it',
      next: 'run: modprobe vhost_vsock; to load it at every boot: echo vhost_vsock >/etc/modules-load.d/vhost_vsock.conf',
    },
  ]);
});

test('the machine that runs this test can be examined', async () => {
  const host = createLinuxHost({ root: '/' });
  const results = await examineNode({
    host,
    own: new LinuxFiles({ root: '/' }),
    settings: settings({ shims: ['clh'] }),
    engine: {
      version: async () => await answer(unresponsive),
      servedHandlers: async () => [],
    },
    payload: async () => {
      throw unresponsive;
    },
    sandboxes: async () => await readSandboxes(host, [], undefined),
  });

  expect(results.find(({ check }) => check === 'prefix')?.seen).toMatch(/^\/opt\/kata is on the mount \//);
  expect(results.find(({ check }) => check === 'space')).toMatchObject({ state: 'unknown' });
});
