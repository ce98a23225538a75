/** Compares by code units, so that no locale decides an order that goes into a digest. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
