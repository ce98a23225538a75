/** Lets containerd check files that are not active yet: `config dump` loads them as a start does, and changes nothing. */
import type { HostPath } from '@kata/host';
import { TomlDocument } from '@kata/toml';
import type { EngineLoader, FileEdit } from '../contract.ts';
import { type ContainerdFacts, foresee, imports } from './facts.ts';
import type { ConfigFile } from './resolve-config.ts';
import { isPattern } from './snapshot.ts';

export const loader: EngineLoader<ContainerdFacts> = {
  versionArguments: ['--version'],
  // With or without a `v`, as in its output.
  readVersion: (output) => /^containerd \S+ (v?\d+\.\d+\.\d+\S*)/m.exec(output)?.[1],
  makeCandidate,
  readRefusal: (output) => /^containerd: ([^]+)/m.exec(output)?.[1]?.trim().replaceAll(/\s+/g, ' '),
};

/** Copies of the edited files, and of files that import them; all others are loaded from their paths. */
function makeCandidate(
  facts: ContainerdFacts,
  edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  folder: HostPath,
): ReturnType<EngineLoader<ContainerdFacts>['makeCandidate']> {
  const after = foresee(facts, edits);
  if (!after.files.some(({ path }) => path === after.mainPath)) return undefined;
  const places = copyPlaces(after, edits, folder);
  const placeOf = (path: HostPath): HostPath => places.get(path) ?? path;
  const copies = after.files
    .filter(({ path }) => places.has(path))
    .map((file) => {
      const imported = importedBy(after, file).map(placeOf);
      const text = file.imports.length === 0 ? file.text : withImports(file, imported);
      return { path: placeOf(file.path), of: file.path, text };
    });
  return { copies, arguments: ['--config', placeOf(after.mainPath), 'config', 'dump'] };
}

function copyPlaces(
  after: ContainerdFacts,
  edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  folder: HostPath,
): ReadonlyMap<HostPath, HostPath> {
  // A name with an asterisk would be read as a pattern.
  const misread = after.files.filter(({ path }) => isPattern(path));
  const copied = new Set([...edits, ...misread].map(({ path }) => path));
  // Also of removed files: the file that imports one would find it, because it still exists.
  for (let size = -1; size !== copied.size;) {
    size = copied.size;
    const importers = after.files.filter((file) => [...copied].some((path) => imports(file, path)));
    for (const { path } of importers) copied.add(path);
  }
  const paths = after.files.map(({ path }) => path).filter((path) => copied.has(path));
  return new Map(paths.map((path, i) => [path, `${folder}/${i}.toml`]));
}

/** Absolute paths, with patterns expanded; one that is not mounted into this container stays as it is. */
function importedBy({ snapshot }: ContainerdFacts, file: ConfigFile): readonly HostPath[] {
  return file.imports.flatMap((each) => {
    const found = isPattern(each) ? snapshot.globs.get(each) : [each];
    return found === undefined || found === 'hidden' ? [each] : found;
  });
}

function withImports({ path, text }: ConfigFile, imported: readonly HostPath[]): string {
  return TomlDocument.parse(text, path).set(['imports'], imported).text;
}
