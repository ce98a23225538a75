/** The oracle reads files as each version of containerd does, also where our own reader may be wrong. */
import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { oracle } from './testkit/oracle.ts';

const main: HostPath = '/etc/containerd/config.toml';

test.each([
  ['1.6.28', '/b'],
  ['1.6.29', '/a'],
  ['1.7.15', '/b'],
  ['1.7.16', '/a'],
  ['2.2.1', '/a'],
])('containerd %s with a relative pattern reads the root from %s', async (version, root) => {
  const files = {
    [main]: 'version = 2\nimports = ["more/*.toml"]\n',
    '/etc/containerd/more/1.toml': 'version = 2\nroot = "/a"\n',
    '/more/1.toml': 'version = 2\nroot = "/b"\n',
  } as const;

  expect((await oracle(new MemoryHost({ files }).files, main, version)).settings).toEqual({ root });
});

test.each([
  ['2.2.1', true],
  ['2.3.0', false],
  ['2.3.4', false],
  ['2.3.5', true],
  ['2.4.0', true],
])('containerd %s starts with a drop-in above the first file with a version: %s', async (version, starts) => {
  const files = {
    [main]: 'imports = ["a.toml", "b.toml"]\n',
    '/etc/containerd/a.toml': 'version = 2\n',
    '/etc/containerd/b.toml': 'version = 3\nroot = "/b"\n',
  } as const;
  const served = oracle(new MemoryHost({ files }).files, main, version);

  if (starts) expect((await served).settings).toEqual({ root: '/b' });
  else await expect(served).rejects.toThrow('/etc/containerd/b.toml has a version above 2');
});
