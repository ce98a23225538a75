/** All rules for the text of sources; reads each file once. */
import { findLargeApps } from './app-size.ts';
import { findLongFiles } from './file-length.ts';
import { findImportCircles } from './import-circles.ts';
import { findImportProblems, readImports } from './import-rules.ts';
import { findSilencedRules, type SilencedRule } from './silenced-rules.ts';
import { readSourceFiles } from './source-files.ts';

interface Findings {
  /** One message each; empty when no rule is broken. */
  readonly problems: readonly string[];
  /** All silenced rules, with their reasons. */
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
