/** A time with six digits behind the second, which Events and Leases must have. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
