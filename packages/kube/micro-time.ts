/** A time with microseconds, as Events and Leases require. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
