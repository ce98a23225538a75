/** Applies a JSON patch (RFC 6902) as far as our own patches go; undefined when one of its tests fails. */
import { isDeepStrictEqual } from 'node:util';

interface Operation {
  readonly op: 'test' | 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

type Container = Record<string, unknown>;

export function applyJsonPatch(object: object, patch: unknown): object | undefined {
  const changed = structuredClone(object) as Container;
  for (const { op, path, value } of patch as readonly Operation[]) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.at(-1) ?? '';
    const parent = keys.slice(0, -1).reduce<unknown>((found, key) => (found as Container)[key], changed);
    if (typeof parent !== 'object' || parent === null) return undefined;
    const container = parent as Container;
    if (op === 'test') {
      if (!isDeepStrictEqual(container[last], value)) return undefined;
    } else if (op === 'remove') delete container[last];
    else container[last] = structuredClone(value);
  }
  return changed;
}
