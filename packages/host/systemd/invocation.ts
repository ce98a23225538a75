/** Tells one start of a unit from every other, in every boot. */

export interface StartSigns {
  readonly bootId: string;
  readonly mainPid: number | undefined;
  /** Microseconds since the boot when it became active, as systemd gives them. */
  readonly enteredMonotonic: unknown;
}

/** Hexadecimal; of a systemd below 232, which has no such id, from what differs from start to start. Undefined: never started. */
export function toInvocation(id: unknown, signs: StartSigns): string | undefined {
  const bytes = id instanceof Uint8Array || Array.isArray(id) ? Buffer.from(id) : undefined;
  if (bytes !== undefined) return bytes.length === 0 ? undefined : bytes.toString('hex');
  const { bootId, mainPid, enteredMonotonic } = signs;
  if (typeof enteredMonotonic !== 'bigint' || enteredMonotonic === 0n) return undefined;
  return `${bootId}/${mainPid ?? 0}/${enteredMonotonic}`;
}
