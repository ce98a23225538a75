/** Packs a directory of component archives into the installer image. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KataError } from '@kata/core';
import type { LayerEntry } from '@kata/oci';
import type { Progress } from '@kata/report';
import type { Archive } from '../archive.ts';
import { describePayload } from '../manifest.ts';
import { payloadError } from '../payload-error.ts';
import type { PayloadManifest } from '../payload.ts';
import { readShimInfo } from './shim-info.ts';
import { helperProgram } from './helper-program.ts';
import { type InstallerImage, type InstallerProgram, writeInstallerImage } from './installer-image.ts';
import { checkOutput, megabytes, replaceOutput } from './image-output.ts';
import { checkoutNode, libraryEntries } from './node-program.ts';
import { bundleProgram } from './program-bundle.ts';

export interface PackPayloadOptions {
  /** Directory with the files `kata-static-<component>.tar.zst`. */
  readonly components: string;
  /** Kata's version. */
  readonly version: string;
  /** Go's name. */
  readonly architecture: string;
  /** Directory of the image layout; an existing layout is replaced. */
  readonly output: string;
  readonly sources: ProgramSources;
  /** Of layers other than components. Default: a fast one. */
  readonly zstdLevel?: number;
  /** Default: 1970. */
  readonly created?: Date;
  readonly progress: Progress;
}

/** Where the parts of the installer come from. */
export interface ProgramSources {
  /** This repository, with `node_modules`. */
  readonly checkout: string;
  /** Directory of cached build results. */
  readonly cache: string;
  /** The entry file of the bundle. Default: `apps/deploy/main.ts` of the checkout. */
  readonly program?: string;
  /** Used as it is. Default: the checkout's Node, stripped. */
  readonly node?: string;
  /** Default: the shared libraries of Node on this machine. */
  readonly libraries?: readonly LayerEntry[];
  /** The static helper. Default: built from the checkout. */
  readonly helper?: string;
}

const titles = {
  components: 'reading components',
  program: 'bundling the program',
  image: 'writing the image',
};

export async function packPayload(options: PackPayloadOptions): Promise<InstallerImage> {
  const { output, progress, components: archives, created, zstdLevel } = options;
  await checkOutput(output);
  progress.plan(Object.values(titles));
  const found = await findArchives(archives);
  const payload = await progress.task(
    titles.components,
    async (report) => await describeArchives(options, found, report),
  );
  const program = await progress.task(titles.program, async (report) => await makeProgram(options, report));
  const image = await progress.task(titles.image, async (report) => {
    const made = await replaceOutput(
      output,
      async (directory) =>
        await writeInstallerImage({
          ...{ directory, payload, archives, program },
          ...(zstdLevel === undefined ? {} : { zstdLevel }),
          ...(created === undefined ? {} : { created }),
        }),
    );
    report(`${made.layers.length} layers, ${megabytes(made.layers)} MB`);
    return made;
  });
  return image;
}

async function describeArchives(
  options: PackPayloadOptions,
  archives: readonly Archive[],
  report: (detail: string) => void,
): Promise<PayloadManifest> {
  const { version, architecture } = options;
  let count = 0;
  const payload = describePayload({
    version,
    architecture,
    archives,
    onArchive: ({ component }) => {
      count += 1;
      report(`${count} of ${archives.length}: ${component}`);
    },
  });
  const entries = payload.components.flatMap((component) => component.entries);
  const size = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0);
  const shimInfo = await readShimInfo(payload, archives);
  report(`${archives.length} components, ${entries.length} entries, ${Math.round(size / 1e6)} MB unpacked`);
  return { ...payload, shimInfo };
}

async function makeProgram(
  options: PackPayloadOptions,
  report: (detail: string) => void,
): Promise<InstallerProgram> {
  const { checkout, cache, ...given } = options.sources;
  const bundle = await bundleProgram(checkout, given.program);
  report('stripping Node');
  const node = given.node ?? (await checkoutNode({ architecture: options.architecture, checkout, cache }));
  const libraries = given.libraries ?? (await libraryEntries(node));
  const helper = given.helper ?? (await helperProgram(checkout, cache));
  const size = bundle.reduce((sum, file) => sum + file.content.length, 0);
  report(`program ${Math.ceil(size / 1024)} kB, ${libraries.length} libraries`);
  return { bundle, node, libraries, helper };
}

async function findArchives(directory: string): Promise<readonly Archive[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw noArchives(directory, cause);
  });
  const archives = names.flatMap((name): Archive[] => {
    const component = /^kata-static-([a-z][a-z0-9-]*)\.tar\.zst$/.exec(name)?.[1];
    return component === undefined ? [] : [{ component, path: join(directory, name) }];
  });
  if (archives.length === 0) throw noArchives(directory, undefined);
  return archives;
}

function noArchives(directory: string, cause: unknown): KataError {
  return payloadError('KATA_PAYLOAD_ARCHIVE_MISSING', `there are no component archives in ${directory}`, {
    file: directory,
    hint: 'give a directory with files named kata-static-<component>.tar.zst',
    cause,
  });
}
