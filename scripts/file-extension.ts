/** Refuses scripts that are no `.ts` files, because the other rules do not read them. */
import type { SourceFile } from './source-files.ts';

export function findOtherScripts(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => /\.[cm]?[jt]sx?$/i.test(path) && !path.endsWith('.ts'))
    .map(({ path }) => `${path}: no rule reads it; a script is a .ts file`);
}
