/**
 * Finds circles of imports within a package, also of types: to understand one of these files, one has to read all.
 * Circles between packages are impossible because of the layers in import-rules.ts.
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

/** Removes files that import none of the remaining files, because they are in no circle. */
function removeLeaves(imports: Map<string, readonly string[]>): void {
  for (let before = -1; before !== imports.size;) {
    before = imports.size;
    for (const [path, targets] of imports) {
      if (!targets.some((target) => imports.has(target))) imports.delete(path);
    }
  }
}

/** Each remaining file imports a remaining file, so following imports returns to an earlier file. */
function walkUntilRepeated(imports: ReadonlyMap<string, readonly string[]>, start: string): string[] {
  const walked: string[] = [];
  let path = start;
  while (!walked.includes(path)) {
    walked.push(path);
    path = imports.get(path)?.find((target) => imports.has(target)) ?? path;
  }
  return walked.slice(walked.indexOf(path));
}
