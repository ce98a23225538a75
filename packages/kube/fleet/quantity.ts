/** Quantities of resources, such as `500m` or `1Gi`, without rounding: in billionths. */

const unit = 10n ** 9n;

const factors: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 10n ** 3n,
  m: 10n ** 6n,
  '': unit,
  ...powersOf(['k', 'M', 'G', 'T', 'P', 'E'], 1000n),
  ...powersOf(['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'], 1024n),
};

function powersOf(suffixes: readonly string[], base: bigint): Readonly<Record<string, bigint>> {
  return Object.fromEntries(suffixes.map((suffix, i) => [suffix, unit * base ** BigInt(i + 1)]));
}

/** Undefined for a text that is not a quantity. */
export function parseQuantity(text: string): bigint | undefined {
  const [found, sign, whole = '', fraction = '', suffix = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/.exec(text) ?? [];
  const factor = factors[suffix];
  if (found === undefined || whole + fraction === '' || factor === undefined) return undefined;
  const shift = BigInt(exponent) - BigInt(fraction.length);
  const digits = BigInt(whole + fraction) * factor;
  const value = shift < 0n ? digits / 10n ** -shift : digits * 10n ** shift;
  return sign === '-' ? -value : value;
}

const cpu = 'cpu';
const mebi = unit * 2n ** 20n;
const isOfBytes = /^(memory|ephemeral-storage|hugepages-.*)$/;

/** For users. What does not divide evenly is rounded up when it is wanted, down when it is free. */
export function formatQuantity(resource: string, value: bigint, rounding: 'up' | 'down'): string {
  const inUnits = (size: bigint): bigint =>
    (value + (rounding === 'up' && value > 0n ? size - 1n : 0n)) / size;
  if (resource === cpu && value % unit !== 0n) return `${inUnits(unit / 1000n)}m`;
  if (isOfBytes.test(resource) && value >= mebi) return `${inUnits(mebi)}Mi`;
  return String(inUnits(unit));
}
