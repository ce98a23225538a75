/** The drop-in that lets a configuration name the files of its own release. */

type Plain = Readonly<Record<string, unknown>>;

/** Where Kata's own configuration files expect everything. */
const shippedPrefix = '/opt/kata/';

/**
 * Finds in a shipped configuration every setting that names something below `/opt/kata` and returns a document
 * with just these settings, naming the same below `releaseDirectory`. `undefined` when there is none.
 */
export function ownFilesDropIn(shipped: Plain, releaseDirectory: string): Plain | undefined {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(shipped)) {
    const own = relocate(value, releaseDirectory);
    if (own !== undefined) found[key] = own;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function relocate(value: unknown, directory: string): unknown {
  if (typeof value === 'string') {
    return value.startsWith(shippedPrefix) ? `${directory}/${value.slice(shippedPrefix.length)}` : undefined;
  }
  if (Array.isArray(value)) {
    const moved = value.map((item) => relocate(item, directory) ?? item);
    return moved.some((item, i) => item !== value[i]) ? moved : undefined;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return undefined;
  return ownFilesDropIn(value as Plain, directory);
}
