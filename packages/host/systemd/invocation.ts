/** Identifies one start of a unit, in every boot. */

export interface StartSigns {
  readonly bootId: string;
  readonly mainPid: number | undefined;
  /** When it became active: microseconds since the boot, as systemd reports them. */
  readonly enteredMonotonic: unknown;
}

/** Hexadecimal; systemd below 232 has no such id, so the signs of a start replace it. Undefined: never started. */
export function toInvocation(id: unknown, signs: StartSigns): string | undefined {
  const bytes = id instanceof Uint8Array || Array.isArray(id) ? Buffer.from(id) : undefined;
  if (bytes !== undefined) return bytes.length === 0 ? undefined : bytes.toString('hex');
  const { bootId, mainPid, enteredMonotonic } = signs;
  if (typeof enteredMonotonic !== 'bigint' || enteredMonotonic === 0n) return undefined;
  return `${bootId}/${mainPid ?? 0}/${enteredMonotonic}`;
}
