/** The result of a fault test. */

export interface InjectionResult {
  readonly cases: number;
  /** Number of different disks; cases with the same disk are tried once. */
  readonly disks: number;
  /** One for each wrong result, with all that is needed to reproduce it. */
  readonly failures: readonly string[];
}

export function unite(results: readonly InjectionResult[]): InjectionResult {
  return {
    cases: results.reduce((sum, { cases }) => sum + cases, 0),
    disks: results.reduce((sum, { disks }) => sum + disks, 0),
    failures: results.flatMap(({ failures }) => failures),
  };
}

export function describeResult(
  name: string,
  { cases, disks, failures }: InjectionResult,
  elapsedMs: number,
): string {
  const seconds = (elapsedMs / 1000).toFixed(1);
  return [
    `${name}: ${cases} cases, ${failures.length} failed (${disks} different disks, ${seconds} s)`,
    ...failures.slice(0, 20),
    '',
  ].join('\n');
}

export type Tree = Readonly<Record<string, string>>;

/** Undefined when they are equal; else the first differences. */
export function differenceOf(found: Tree, wanted: Tree): string | undefined {
  const paths = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  const different = paths.filter((path) => found[path] !== wanted[path]).toSorted();
  if (different.length === 0) return undefined;
  return different
    .slice(0, 3)
    .map((path) => `${path} is ${brief(found[path])}, not ${brief(wanted[path])}`)
    .join('; ');
}

const brief = (text: string | undefined): string =>
  text === undefined ? 'absent' : JSON.stringify(text.slice(0, 60));
