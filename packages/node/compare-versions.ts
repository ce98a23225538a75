/** Orders versions such as `3.24.0` and `3.24.0-rc1` by the rules of semver.org; anything else by its characters. */

export function compareVersions(one: string, other: string): number {
  const [a, b] = [split(one), split(other)];
  return compareParts(a.core, b.core) || compareSuffixes(a.suffix, b.suffix);
}

interface Version {
  readonly core: readonly string[];
  readonly suffix: readonly string[];
}

function split(version: string): Version {
  const [plain = ''] = version.replace(/^v/, '').split('+');
  const [, core = plain, suffix = ''] = /^([^-]*)-(.*)$/s.exec(plain) ?? [];
  return { core: core.split('.'), suffix: suffix === '' ? [] : suffix.split('.') };
}

/** A version without a suffix comes after its release candidates. */
function compareSuffixes(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  return compareParts(a, b);
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let place = 0; place < Math.max(a.length, b.length); place += 1) {
    const [left, right] = [a[place], b[place]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const difference = comparePart(left, right);
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePart(left: string, right: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber && isOther) return Number(left) - Number(right);
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return left < right ? -1 : Number(left > right);
}
