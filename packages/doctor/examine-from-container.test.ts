import { expect, test } from 'vitest';
import { kernel, examine, type Seeds, unresponsive } from './testkit/examined-machine.ts';

test("in a container without mounts, all but the kernel's own files is unknown", async () => {
  const own = {
    ...kernel,
    '/proc/self/mountinfo': '27 1 0:9 / / ro - overlay overlay rw\n',
    '/sys/fs/selinux': { directory: true },
  } as const;

  const results = await examine({ own, without: ['/'], engineVersion: unresponsive });

  expect(results.map(({ check, state, next }) => [check, state, next])).toEqual([
    ['kvm', 'ok', undefined],
    ['processor', 'ok', undefined],
    ['vhost-vsock', 'unknown', mountAdvice('/dev')],
    ['vhost-net', 'unknown', mountAdvice('/dev')],
    ['prefix', 'unknown', mountAdvice('/opt')],
    ['space', 'unknown', mountAdvice('/opt')],
    ['selinux', 'unknown', mountAdvice('/sys/fs/selinux')],
    ['systemd', 'unknown', mountAdvice('/run/systemd')],
    ['engine', 'unknown', mountAdvice('/run/containerd')],
    ['engine-version', 'unknown', 'see the check of the container runtime above'],
    ['engine-configuration', 'unknown', 'see the check of the container runtime above'],
    ['sandboxes', 'unknown', mountAdvice('/run/vc/sbs')],
  ]);
});

test("in a container, devices are found in the kernel's own table, which lacks those whose driver is not loaded yet", async () => {
  const own = {
    ...kernel,
    '/sys/class/misc/vhost-net': '',
    '/sys/class/misc/sev': '',
    '/sys/class/misc/vfio': '',
  };
  const shims = ['qemu', 'qemu-nvidia-gpu'];

  const results = await examine({ own, without: ['/dev/'], shims });

  const about = ['kvm', 'vhost-vsock', 'vhost-net', 'vfio'];
  const seen = results.filter(({ check }) => about.includes(check)).map(({ check, state }) => [check, state]);
  expect(seen).toEqual([
    ['kvm', 'ok'],
    ['vhost-vsock', 'unknown'],
    ['vhost-net', 'ok'],
    ['vfio', 'ok'],
  ]);
});

test('a container that mounts parts of the host at their own paths ignores its own devices', async () => {
  const files: Seeds = { '/dev/null': '', '/dev/tty': '', '/sys/firmware': { directory: true } };

  const results = await examine({
    mountsAtRoot: true,
    files,
    without: ['/dev/kvm', '/dev/vhost', '/run/containerd'],
    sandboxes: ['0123456789abcdef'],
  });

  const about = ['vhost-vsock', 'engine', 'engine-version', 'sandboxes'];
  expect(
    results
      .filter(({ check }) => about.includes(check))
      .map(({ check, state, seen }) => [check, state, seen]),
  ).toEqual([
    ['vhost-vsock', 'unknown', '/dev of the host is not mounted into this container'],
    ['engine', 'ok', 'containerd answers'],
    ['engine-version', 'ok', 'containerd 2.2.1'],
    ['sandboxes', 'ok', 'running Kata sandboxes: 1'],
  ]);
});

test('a container with all mounts has the same results as the machine', async () => {
  const own = {
    ...kernel,
    '/proc/self/mountinfo':
      '27 1 0:9 / / ro - overlay overlay rw\n28 27 254:0 /opt /host/opt rw - ext4 /dev/vda rw\n',
    '/sys/fs/selinux': { directory: true },
  } as const;
  const traces: Seeds = { '/run/vc/sbs': { directory: true }, '/run/kata': { directory: true } };

  const results = await examine({ own, files: { ...traces, '/sys/fs/selinux/enforce': '0' } });

  expect(results.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(results.find(({ check }) => check === 'prefix')?.seen).toBe(
    '/opt/kata is on the mount /opt, which is writable and executable',
  );
});

function mountAdvice(path: string): string {
  return `mount the host's ${path} into the container, at the same path below HOST_ROOT`;
}
