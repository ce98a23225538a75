/** Makes one file of a program and all that it imports; the same sources give the same bytes, wherever they are. */
import { exitCodes, KataError } from '@kata/core';
import { build, type BuildResult } from 'esbuild';

// The first line makes the file a program; the rest serves libraries that still call require.
const banner = [
  '#!/usr/bin/node',
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
].join('\n');

/** `entry` is a path; relative ones start at the checkout. */
export async function bundleProgram(checkout: string, entry = 'apps/deploy/main.ts'): Promise<Uint8Array> {
  const result = await runBuild(checkout, entry).catch((cause: unknown) => {
    throw new KataError('KATA_ARTIFACTS_BUNDLE', `${entry} and what it imports cannot be bundled`, {
      exitCode: exitCodes.precondition,
      cause,
      hint: 'run "npm ci" if modules are missing, and "npx tsc --noEmit" to see what is wrong',
    });
  });
  const [file] = result.outputFiles ?? [];
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return file.contents;
}

async function runBuild(checkout: string, entry: string): Promise<BuildResult> {
  return await build({
    absWorkingDir: checkout,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    // Distributions that bring Node themselves have this one.
    target: 'node20',
    format: 'esm',
    outfile: 'main.mjs',
    minify: true,
    // Names in stack traces are worth their bytes.
    keepNames: true,
    // Licenses ask for their notices to go with the code.
    legalComments: 'eof',
    banner: { js: banner },
    logLevel: 'silent',
  });
}
