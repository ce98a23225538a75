/** Splits a list into groups of at most `size`, in order. */
export function wavesOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, wave) => all.slice(wave * size, (wave + 1) * size));
}
