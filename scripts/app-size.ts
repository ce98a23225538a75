/** Limits the size of programs, because their logic belongs in packages. */
import { countLines } from './file-length.ts';
import type { SourceFile } from './source-files.ts';

/** Lines of one file: today's longest is `apps/deploy/commands/stages.ts`. */
const mostLinesOfFile = 120;
/**
 * Lines of one program: today's largest is `apps/deploy`. Of each for itself, because a command of one program says nothing
 * about the logic in another; a new command is a reason to raise it.
 */
const mostLinesOfApp = 1550;

export function findLargeApps(files: readonly SourceFile[]): readonly string[] {
  const sources = files
    .filter(({ path }) => /^apps\/.*(?<!\.test)\.ts$/.test(path))
    .map(({ path, text }) => ({ path, lines: countLines(text) }));
  return [
    ...sources
      .filter(({ lines }) => lines > mostLinesOfFile)
      .map(
        ({ path, lines }) =>
          `${path} has ${lines} lines; a file of a program has at most ${mostLinesOfFile}: move its logic into a package`,
      ),
    ...Object.entries(Object.groupBy(sources, ({ path }) => appOf(path))).flatMap(([app, own = []]) => {
      const lines = own.reduce((sum, one) => sum + one.lines, 0);
      return lines > mostLinesOfApp
        ? [`${app} has ${lines} lines; at most ${mostLinesOfApp} are allowed: move logic into packages`]
        : [];
    }),
  ];
}

function appOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}
