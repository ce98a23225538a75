/**
 * No file imports itself through others, by types neither: who reads such files has to read all of them first.
 * Packages cannot: see the layers of import-rules.ts.
 */
import { posix } from 'node:path';
import type { FileImports } from './import-rules.ts';

/** Each circle as a path that ends where it begins. */
export function findImportCircles(files: readonly FileImports[]): readonly string[] {
  const imports = new Map(files.map((file) => [file.path, relativeImports(file)]));
  const circles: string[] = [];
  for (;;) {
    removeLeaves(imports);
    const [start] = imports.keys();
    if (start === undefined) return circles;
    const circle = walkUntilRepeated(imports, start);
    circles.push([...circle, circle[0]].join(' → '));
    for (const path of circle) imports.delete(path);
  }
}

function relativeImports({ path, imports }: FileImports): readonly string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}

/** What imports nothing that is left is in no circle. */
function removeLeaves(imports: Map<string, readonly string[]>): void {
  for (let before = -1; before !== imports.size;) {
    before = imports.size;
    for (const [path, targets] of imports) {
      if (!targets.some((target) => imports.has(target))) imports.delete(path);
    }
  }
}

/** Each file imports one that is left, so that the walk comes back to a file. */
function walkUntilRepeated(imports: ReadonlyMap<string, readonly string[]>, start: string): string[] {
  const walked: string[] = [];
  let path = start;
  while (!walked.includes(path)) {
    walked.push(path);
    path = imports.get(path)?.find((target) => imports.has(target)) ?? path;
  }
  return walked.slice(walked.indexOf(path));
}
