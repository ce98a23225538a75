/** The files of this repository that its checks look at. */
import { glob } from 'node:fs/promises';

const roots = '{apps,bin,charts,lab,packages,recipes,scripts,tests}/**/*';

/** Paths relative to the repository, in a stable order. */
export async function listSourceFiles(repository: string): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = glob([roots, '*.ts'], {
    cwd: repository,
    withFileTypes: false,
    exclude: (path) => path.includes('node_modules'),
  });
  for await (const path of entries) found.push(path);
  return found.toSorted();
}
