/** All rules for the text of sources; reads each file once. */
import { findLargeApps } from './app-size.ts';
import { findOtherScripts } from './file-extension.ts';
import { findLongFiles } from './file-length.ts';
import { findImportCircles } from './import-circles.ts';
import { findImportProblems } from './import-rules.ts';
import { parseSource } from './parse-source.ts';
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
  const parsed = files.map(({ path, text }) => ({ path, ...parseSource(path, text) }));
  const silenced = parsed.flatMap(({ path, comments }) => findSilencedRules(path, comments));
  return {
    problems: [
      ...parsed.flatMap(({ path, errors }) => errors.map((error) => `${path}: ${error}`)),
      ...findOtherScripts(files),
      ...findImportProblems(parsed),
      ...findImportCircles(parsed).map((circle) => `files import each other in a circle: ${circle}`),
      ...findLongFiles(files),
      ...findLargeApps(files),
      ...silenced
        .filter(({ reason }) => reason === '')
        .map(({ path, line, comment }) => `${path}:${line} ${comment} has no reason`),
    ],
    silenced,
  };
}
