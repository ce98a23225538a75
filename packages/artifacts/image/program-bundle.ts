/** Bundles a program with its imports into a few files, reproducibly: the same sources give the same bytes in any directory. */
import { basename } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { build, type BuildResult } from 'esbuild';
import { compareText } from '../compare-text.ts';

// The first line makes the file executable; the others are for libraries that call require.
const banner = [
  '#!/usr/bin/node',
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
].join('\n');

export interface BundleFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** The entry file; it loads the others from its directory when they are needed. */
export const bundleMain = 'main.mjs';

/** `entry`: a path, relative to the checkout or absolute. Returns the files sorted by name. */
export async function bundleProgram(
  checkout: string,
  entry = 'apps/deploy/main.ts',
): Promise<readonly BundleFile[]> {
  const result = await runBuild(checkout, entry).catch((cause: unknown) => {
    throw new KataError('KATA_ARTIFACTS_BUNDLE', `${entry} and what it imports cannot be bundled`, {
      exitCode: exitCodes.precondition,
      cause,
      hint: 'run "npm ci" if modules are missing, and "npx tsc --noEmit" to see the errors',
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
    // Lazy imports become separate files: parsing all of them would triple the time of --help.
    splitting: true,
    write: false,
    platform: 'node',
    // The Node of some distributions.
    target: 'node20',
    format: 'esm',
    // Some packages have a second form for require, whose own imports cannot be found out.
    mainFields: ['module', 'main'],
    outdir: '.',
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    minifySyntax: true,
    minifyWhitespace: true,
    // Keeps names in stack traces; esbuild's `keepNames` would cost time at each start.
    minifyIdentifiers: false,
    // Licenses require their notices to be shipped.
    legalComments: 'eof',
    banner: { js: banner },
    logLevel: 'silent',
  });
}
