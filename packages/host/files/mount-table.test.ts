import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { describeMount, findHostMount, findMount } from './mount-table.ts';

const table = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 8:1 / /opt ro,noexec shared:1 master:2 - xfs /dev/sda1 rw
41 27 8:2 / /opt rw,nosuid - xfs /dev/sda2 rw
42 27 8:3 / /srv rw - ext4 /dev/sda3 ro
43 27 8:4 / /with\\040space/\\134 rw - zfs tank/with\\040space rw
damaged line
`;

test.each([
  ['/usr', '/', '/dev/vda', ['rw', 'relatime', 'discard']],
  ['/opt', '/opt', '/dev/sda2', ['rw', 'nosuid']],
  ['/opt/kata', '/opt', '/dev/sda2', ['rw', 'nosuid']],
  ['/optional', '/', '/dev/vda', ['rw', 'relatime', 'discard']],
  ['/srv/opt/kata', '/srv', '/dev/sda3', ['rw', 'ro']],
  ['/with space/\\/kata', '/with space/\\', 'tank/with space', ['rw']],
])('%j is on the mount at %j of %j', (path, point, device, options) => {
  expect(findMount(table, path)).toEqual({ point, device, options });
});

test('a mount is named by its device and its point', () => {
  expect(describeMount({ point: '/opt', device: '/dev/sda2', options: [] })).toBe('/dev/sda2 (mount /opt)');
});

test('without mounts there is none', () => {
  expect(findMount('', '/opt')).toBeUndefined();
});

test("reads this machine's own table", async () => {
  const own = await readFile('/proc/self/mountinfo', 'utf8');

  expect(findMount(own, '/proc/self/status')?.point).toBe('/proc');
  expect(findMount(own, '/')?.point).toBe('/');
});

const overlay = '27 1 0:9 / / rw - overlay overlay rw\n';
const part = '28 27 254:0 /opt /opt rw,noexec - ext4 /dev/vda rw\n';
const opt = '30 27 254:0 /opt /host/opt ro - ext4 /dev/vda rw\n';
const below = '29 27 254:0 / /host rw - ext4 /dev/vda rw\n';

test.each([
  ['a part of the machine mounted among our own files', overlay + part, '/opt/kata', '/', '/opt'],
  ['our own root', overlay + part, '/srv/kata', '/', undefined],
  ['the root of the machine below ours', overlay + below, '/host/opt/kata', '/host', '/'],
  ['a part of the machine below our root', overlay + opt, '/host/opt/kata', '/host', '/opt'],
  ['the same, named as a folder', overlay + below, '/host/opt/kata', '/host/', '/'],
  ['no part of the machine below ours', overlay, '/host/opt/kata', '/host', undefined],
])('issue 12.17: %s', (_, table, place, root, point) => {
  expect(findHostMount(table, place, { root, isPartial: true })?.point).toBe(point);
});

test('on the machine itself every mount counts', () => {
  expect(findHostMount(overlay, '/opt/kata', { root: '/', isPartial: false })?.point).toBe('/');
});
