/** Limits the size of programs, because their logic belongs in packages. */
import { countLines } from './file-length.ts';
import type { SourceFile } from './source-files.ts';

/** Lines of one file: today's longest is `apps/deploy/commands/stages.ts`. */
const mostLinesOfFile = 120;
/** Lines of all programs; a new command is a reason to raise it. */
const mostLinesOfAll = 1700;

export function findLargeApps(files: readonly SourceFile[]): readonly string[] {
  const sources = files
    .filter(({ path }) => /^apps\/.*(?<!\.test)\.ts$/.test(path))
    .map(({ path, text }) => ({ path, lines: countLines(text) }));
  const all = sources.reduce((sum, { lines }) => sum + lines, 0);
  return [
    ...sources
      .filter(({ lines }) => lines > mostLinesOfFile)
      .map(
        ({ path, lines }) =>
          `${path} has ${lines} lines; a file of a program has at most ${mostLinesOfFile}: move its logic into a package`,
      ),
    ...(all > mostLinesOfAll
      ? [`apps have ${all} lines; at most ${mostLinesOfAll} are allowed: move logic into packages`]
      : []),
  ];
}
