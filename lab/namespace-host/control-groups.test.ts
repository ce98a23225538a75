import { expect, test } from 'vitest';
import { parseHierarchies } from './control-groups.ts';

test('version 1 with a named hierarchy, and version 2 next to it (hybrid)', () => {
  // Debian 12 with systemd.unified_cgroup_hierarchy=0, shortened; cpu and cpuacct are one hierarchy.
  const mountInfo = `24 30 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
29 24 0:25 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,size=4096k,nr_inodes=1024,mode=755
33 29 0:26 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate
34 29 0:27 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
38 29 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct
39 29 0:32 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory
`;

  expect(parseHierarchies(mountInfo)).toEqual([
    { mountPoint: '/sys/fs/cgroup/unified', version: 2 },
    { mountPoint: '/sys/fs/cgroup/systemd', version: 1 },
    { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', version: 1 },
    { mountPoint: '/sys/fs/cgroup/memory', version: 1 },
  ]);
});

test('version 1 alone, without optional fields, as in a container', () => {
  const mountInfo = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
`;

  expect(parseHierarchies(mountInfo)).toEqual([
    { mountPoint: '/sys/fs/cgroup/cpu', version: 1 },
    { mountPoint: '/sys/fs/cgroup/memory', version: 1 },
    { mountPoint: '/sys/fs/cgroup/systemd', version: 1 },
  ]);
});

test('version 2 alone', () => {
  const mountInfo = `24 30 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
29 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
30 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
`;

  expect(parseHierarchies(mountInfo)).toEqual([{ mountPoint: '/sys/fs/cgroup', version: 2 }]);
});

test('a hierarchy mounted twice is listed once, and a mounted part of one is not listed', () => {
  const mountInfo = `39 29 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
50 1 0:32 / /elsewhere/memory rw - cgroup cgroup rw,memory
51 1 0:33 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids
`;

  expect(parseHierarchies(mountInfo)).toEqual([{ mountPoint: '/sys/fs/cgroup/memory', version: 1 }]);
});

test('no control groups', () => {
  expect(parseHierarchies('30 1 259:2 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n')).toEqual([]);
  expect(parseHierarchies('')).toEqual([]);
});
