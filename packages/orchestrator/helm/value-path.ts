/** Places in the values of a release, and where two sets of values differ. */
import { isEqualValue, isObject, type JsonObject, type JsonValue } from '@kata/json';

/** Names of keys, and indexes of lists. */
export type ValuePath = readonly (string | number)[];

/** As `--set` writes it. */
export function formatValuePath(path: ValuePath): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      return `${i === 0 ? '' : '.'}${part.replaceAll(/[\\.,=[]/g, String.raw`\$&`)}`;
    })
    .join('');
}

/** The deepest places that differ. */
export function changedPaths(before: JsonObject, after: JsonObject): readonly ValuePath[] {
  return differences([], before, after);
}

/** The given places also cover what is below them. */
export function isCovered(path: ValuePath, given: readonly ValuePath[]): boolean {
  return given.some((one) => one.length <= path.length && one.every((part, i) => part === path[i]));
}

function differences(
  path: ValuePath,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly ValuePath[] {
  if (isEqualValue(before, after)) return [];
  // An absent or null object has no keys, and such a list no elements: what is set below it is the difference.
  const [a, b] = [before ?? {}, after ?? {}];
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    const below = keys.flatMap((key) => differences([...path, key], ownValue(a, key), ownValue(b, key)));
    return below.length > 0 ? below : [path];
  }
  const [p, q] = [before ?? [], after ?? []];
  if (isList(p) && isList(q)) {
    const indexes = Array.from({ length: Math.max(p.length, q.length) }, (_, i) => i);
    const below = indexes.flatMap((i) => differences([...path, i], p[i], q[i]));
    return below.length > 0 ? below : [path];
  }
  return [path];
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A key may be named `__proto__`. */
function ownValue(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
