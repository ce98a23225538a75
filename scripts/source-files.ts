/** The files of this repository that the checks read. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const roots = '{apps,bin,charts,lab,packages,recipes,scripts,tests}/**/*';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  /** Empty unless it is TypeScript; of other files only the name is checked. */
  readonly text: string;
}

/** In a stable order. */
export async function readSourceFiles(repository: string): Promise<readonly SourceFile[]> {
  const paths: string[] = [];
  const entries = glob([roots, '*.*'], {
    cwd: repository,
    withFileTypes: false,
    exclude: (path) => path.split('/').includes('node_modules'),
  });
  for await (const path of entries) paths.push(path);
  return await Promise.all(
    paths.toSorted().map(async (path) => ({
      path,
      text: path.endsWith('.ts') ? await readFile(join(repository, path), 'utf8') : '',
    })),
  );
}
