/** The two images that every lab serves from its registry, made from static programs of the root file system. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goArchitecture } from '@kata/core';
import type { Image, LayerEntry } from '@kata/oci';

const architecture = goArchitecture();

/** The images by reference (`name:tag`). */
export async function labImages(baseDirectory: string): Promise<Readonly<Record<string, Image>>> {
  return {
    'pause:1': {
      tag: '1',
      architecture,
      config: { Entrypoint: ['/catatonit', '-P'] },
      layers: [{ entries: [await program(baseDirectory, 'usr/bin/catatonit', 'catatonit')] }],
    },
    'busybox:1': {
      tag: '1',
      architecture,
      config: { Cmd: ['/bin/sh'], Env: ['PATH=/bin'] },
      layers: [{ entries: await busyboxEntries(baseDirectory) }],
    },
  };
}

async function program(baseDirectory: string, from: string, path: string): Promise<LayerEntry> {
  return { kind: 'file', path, content: await readFile(join(baseDirectory, from)), mode: 0o755 };
}

const applets = [
  'cat',
  'chmod',
  'cp',
  'date',
  'echo',
  'env',
  'false',
  'grep',
  'hostname',
  'httpd',
  'id',
  'ip',
  'ls',
  'mkdir',
  'nc',
  'printf',
  'ps',
  'pwd',
  'rm',
  'sed',
  'sh',
  'sleep',
  'stat',
  'tail',
  'test',
  'touch',
  'true',
  'uname',
  'wc',
  'wget',
];

async function busyboxEntries(baseDirectory: string): Promise<readonly LayerEntry[]> {
  return [
    { kind: 'directory', path: 'bin' },
    { kind: 'directory', path: 'etc' },
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
    { kind: 'file', path: 'etc/passwd', content: Buffer.from('root:x:0:0:root:/:/bin/sh\n') },
    await program(baseDirectory, 'usr/bin/busybox', 'bin/busybox'),
    ...applets.map((name): LayerEntry => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' })),
  ];
}
