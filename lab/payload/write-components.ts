/** Writes component archives like upstream's: members `./opt/kata/…`, compressed with zstd. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { archiveName } from '@kata/artifacts';
import { type LayerEntry, streamLayer } from '@kata/oci';
import {
  type ComponentFile,
  componentFiles,
  type PayloadSize,
  type PayloadVersion,
} from './component-files.ts';
import { fileContent } from './file-content.ts';
import { kataConfiguration } from './kata-configuration.ts';

export interface WriteComponentsOptions {
  readonly version: PayloadVersion;
  readonly size: PayloadSize;
  /** The stand-in shim. */
  readonly shim: string;
  readonly directory: string;
  readonly say: (detail: string) => void;
}

export async function writeComponents(options: WriteComponentsOptions): Promise<void> {
  const { directory, say } = options;
  await mkdir(directory, { recursive: true });
  for (const [component, files] of Object.entries(componentFiles(options.version, options.size))) {
    say(component);
    await pipeline(
      streamLayer(makeMembers(files, options)),
      createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
      createWriteStream(join(directory, archiveName(component))),
    );
  }
}

/** One at a time, because together they would fill the memory. */
async function* makeMembers(
  files: readonly ComponentFile[],
  options: WriteComponentsOptions,
): AsyncGenerator<LayerEntry> {
  const made = new Set<string>();
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const path = `./opt/kata/${file.path}`;
    for (const folder of foldersOf(path)) {
      if (made.has(folder)) continue;
      made.add(folder);
      yield { kind: 'directory', path: folder };
    }
    yield await makeMember(path, file, options);
  }
}

async function makeMember(
  path: string,
  file: ComponentFile,
  options: WriteComponentsOptions,
): Promise<LayerEntry> {
  switch (file.kind) {
    case 'filler':
      return {
        kind: 'file',
        path,
        mode: file.mode,
        content: fileContent(file.seed, file.size, file.randomShare),
      };
    case 'text':
      return { kind: 'file', path, content: Buffer.from(file.text) };
    case 'shim': {
      // The system ignores bytes after the end of a program; they make the versions differ.
      const note = `\nkata ${options.version}\n`;
      const content = Buffer.concat([await readFile(options.shim), Buffer.from(note)]);
      return { kind: 'file', path, mode: 0o755, content };
    }
    case 'configuration':
      return { kind: 'file', path, content: Buffer.from(await kataConfiguration(file.shim)) };
    case 'link':
      return { kind: 'link', path, target: file.target };
  }
}

function foldersOf(path: string): readonly string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'));
}
