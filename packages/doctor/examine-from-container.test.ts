import { expect, test } from 'vitest';
import { kernel, examine, type Seeds, silent } from './examined-machine.ts';

test("a container that mounts nothing sees the kernel's own files, and calls the rest unknown", async () => {
  const own = {
    ...kernel,
    '/proc/self/mountinfo': '27 1 0:9 / / ro - overlay overlay rw\n',
    '/sys/fs/selinux': { directory: true },
  } as const;

  const results = await examine({ own, without: ['/'], engineVersion: silent });

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
    ['engine-version', 'unknown', 'see engine'],
    ['engine-configuration', 'unknown', 'see engine'],
    ['sandboxes', 'unknown', mountAdvice('/run/vc/sbs')],
  ]);
});

test("a container tells devices by the kernel's own table, which misses what is loaded when it is opened", async () => {
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

test("a container that mounts parts of the host among its own files takes its own devices for nobody's", async () => {
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
    ['vhost-vsock', 'unknown', '/dev of the host cannot be seen from here'],
    ['engine', 'ok', 'containerd answers'],
    ['engine-version', 'ok', 'containerd 2.2.1'],
    ['sandboxes', 'ok', '1 Kata sandboxes are running'],
  ]);
});

test('a container that mounts all that is read says the same as the machine', async () => {
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
    '/opt/kata is on the mount /opt, writable, with execution',
  );
});

function mountAdvice(path: string): string {
  return `mount the host's ${path} into the container, at the same path below HOST_ROOT`;
}
