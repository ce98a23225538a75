import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { findMount } from './mount-info.ts';

const table = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 8:1 / /opt ro,noexec shared:1 master:2 - xfs /dev/sda1 rw
41 27 8:2 / /opt rw,nosuid - xfs /dev/sda2 rw
42 27 8:3 / /srv rw - ext4 /dev/sda3 ro
43 27 8:4 / /with\\040space/\\134 rw - ext4 /dev/sda4 rw
damaged line
`;

test.each([
  ['/usr', '/', ['rw', 'relatime', 'discard']],
  ['/opt', '/opt', ['rw', 'nosuid']],
  ['/opt/kata', '/opt', ['rw', 'nosuid']],
  ['/optional', '/', ['rw', 'relatime', 'discard']],
  ['/srv/opt/kata', '/srv', ['rw', 'ro']],
  ['/with space/\\/kata', '/with space/\\', ['rw']],
])('%j is on the mount at %j', (path, point, options) => {
  expect(findMount(table, path)).toEqual({ point, options });
});

test('without mounts there is none', () => {
  expect(findMount('', '/opt')).toBeUndefined();
});

test("reads this machine's own table", async () => {
  const own = await readFile('/proc/self/mountinfo', 'utf8');

  expect(findMount(own, '/proc/self/status')?.point).toBe('/proc');
  expect(findMount(own, '/')?.point).toBe('/');
});
