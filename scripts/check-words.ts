/** Exits with 1 when prose has a wording that refused-words.ts refuses. Arguments: glob patterns to check instead. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findRefusedWords } from './words.ts';

const repository = join(import.meta.dirname, '..');

const checked = [
  '*.md',
  'Makefile',
  'docs/**/*',
  'charts/**/*',
  'recipes/**/*',
  'lab/**/*',
  'apps/**/*',
  'packages/**/*',
  'scripts/**/*',
  'tests/**/*',
];

const prose = /(?:^Makefile|\.(?:md|ts|go|c|ya?ml|tpl|txt|schema\.json))$/;
// Files of other projects, recorded test data, the table of words and its tests.
const left =
  /node_modules|\/fixtures\/|__snapshots__|lab\/tools\/|scripts\/(?:refused-words|words\.test)|\/go\.(?:mod|sum)$/;

const patterns = process.argv.length > 2 ? process.argv.slice(2) : checked;
const paths: string[] = [];
const isExcluded = (path: string): boolean => path.split('/').includes('node_modules');
for await (const path of glob(patterns, { cwd: repository, exclude: isExcluded })) {
  if (prose.test(path) && !left.test(path)) paths.push(path);
}
let count = 0;
for (const path of paths.toSorted()) {
  for (const { line, found, write } of findRefusedWords(
    path,
    await readFile(join(repository, path), 'utf8'),
  )) {
    process.stdout.write(`${path}:${line} "${found}": write ${write}\n`);
    count += 1;
  }
}
process.stdout.write(`${paths.length} files, ${count} refused wordings\n`);
process.exitCode = count === 0 ? 0 : 1;
