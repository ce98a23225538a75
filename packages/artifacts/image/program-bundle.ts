/** Makes a few files of a program and all that it imports; the same sources give the same bytes, wherever they are. */
import { basename } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { build, type BuildResult } from 'esbuild';
import { compareText } from '../compare-text.ts';

// The first line makes the file a program; the rest serves libraries that still call require.
const banner = [
  '#!/usr/bin/node',
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
].join('\n');

export interface BundleFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** The file that is run; it loads the others from its own folder, each only when it is needed. */
export const bundleMain = 'main.mjs';

/** `entry` is a path; relative ones start at the checkout. Sorted by name. */
export async function bundleProgram(
  checkout: string,
  entry = 'apps/deploy/main.ts',
): Promise<readonly BundleFile[]> {
  const result = await runBuild(checkout, entry).catch((cause: unknown) => {
    throw new KataError('KATA_ARTIFACTS_BUNDLE', `${entry} and what it imports cannot be bundled`, {
      exitCode: exitCodes.precondition,
      cause,
      hint: 'run "npm ci" if modules are missing, and "npx tsc --noEmit" to see what is wrong',
    });
  });
  return (result.outputFiles ?? [])
    .map((file) => ({ name: basename(file.path), content: file.contents }))
    .toSorted((a, b) => compareText(a.name, b.name));
}

async function runBuild(checkout: string, entry: string): Promise<BuildResult> {
  return await build({
    absWorkingDir: checkout,
    entryPoints: [entry],
    bundle: true,
    // What is imported lazily becomes a file of its own: parsing all of it would triple the time of --help.
    splitting: true,
    write: false,
    platform: 'node',
    // Distributions that bring Node themselves have this one.
    target: 'node20',
    format: 'esm',
    outdir: '.',
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    minifySyntax: true,
    minifyWhitespace: true,
    // Names in stack traces are worth their bytes; esbuild's way to keep them beside short ones costs time at each start.
    minifyIdentifiers: false,
    // Licenses ask for their notices to go with the code.
    legalComments: 'eof',
    banner: { js: banner },
    logLevel: 'silent',
  });
}
