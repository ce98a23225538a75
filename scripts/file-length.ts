/** Limits TypeScript files, tests included, to 300 lines: a longer file has more than one concept. */
import type { SourceFile } from './source-files.ts';

const mostLines = 300;

export function findLongFiles(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.endsWith('.ts'))
    .map(({ path, text }) => ({ path, lines: countLines(text) }))
    .filter(({ lines }) => lines > mostLines)
    .map(({ path, lines }) => `${path} has ${lines} lines; at most ${mostLines} are allowed`);
}

/** Like `wc -l`. */
export function countLines(text: string): number {
  return text.split('\n').length - 1;
}
