/** Programs hold no logic, which shows in their size: what grows belongs into a package. */
import { countLines } from './file-length.ts';
import type { SourceFile } from './source-files.ts';

/** Of one file: today's longest is `apps/deploy/commands/stages.ts`. */
const mostLinesOfFile = 120;
/** Of all programs; another command is a reason to raise it. */
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
