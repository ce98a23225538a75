/** Ids of runs: they sort by time, and are part of names and labels. */
import { randomBytes } from 'node:crypto';

/** `created`: ISO 8601. */
export function runId(created: string): string {
  return `${created.slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}-${randomBytes(2).toString('hex')}`;
}
