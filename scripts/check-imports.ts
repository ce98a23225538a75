/** Ends with 1 when an import or a name breaks a rule of import-rules.ts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findImportProblems, readImports, type SourceFile } from './import-rules.ts';
import { listSourceFiles } from './source-files.ts';

const repository = join(import.meta.dirname, '..');

const files: SourceFile[] = [];
for (const path of await listSourceFiles(repository)) {
  const imports = path.endsWith('.ts') ? readImports(await readFile(join(repository, path), 'utf8')) : [];
  files.push({ path, imports });
}
const problems = findImportProblems(files);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${files.length} files, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
