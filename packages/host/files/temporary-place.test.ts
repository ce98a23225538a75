import { expect, test } from 'vitest';
import { temporaryDirectory } from './temporary-place.ts';

test.each([
  ['/etc/containerd/config.toml', '/etc/containerd'],
  ['/opt/kata/share/runtimes/qemu/config.d/10-site', '/opt/kata/share/runtimes/qemu'],
  // CRI-O parses every entry of it at its start, and ends when it cannot.
  ['/etc/crio/crio.conf.d/99-kata-deploy', '/etc/crio'],
])('%s is written in %s first', (path, directory) => {
  expect(temporaryDirectory(path)).toBe(directory);
});
