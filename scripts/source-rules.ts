/** All rules for the text of sources, over one reading of them. */
import { findLargeApps } from './app-size.ts';
import { findLongFiles } from './file-length.ts';
import { findImportCircles } from './import-circles.ts';
import { findImportProblems, readImports } from './import-rules.ts';
import { findSilencedRules, type SilencedRule } from './silenced-rules.ts';
import { readSourceFiles } from './source-files.ts';

interface Findings {
  /** One sentence each; none: all rules are kept. */
  readonly problems: readonly string[];
  /** All of them, with their reasons. */
  readonly silenced: readonly SilencedRule[];
}

export async function checkSources(repository: string): Promise<Findings> {
  const files = await readSourceFiles(repository);
  const imports = files.map(({ path, text }) => ({ path, imports: readImports(text) }));
  const silenced = files.flatMap(({ path, text }) => findSilencedRules(path, text));
  return {
    problems: [
      ...findImportProblems(imports),
      ...findImportCircles(imports).map((circle) => `files import each other in a circle: ${circle}`),
      ...findLongFiles(files),
      ...findLargeApps(files),
      ...silenced
        .filter(({ reason }) => reason === '')
        .map(({ path, line, comment }) => `${path}:${line} ${comment} has no reason`),
    ],
    silenced,
  };
}
