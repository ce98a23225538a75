/** Digests, as manifests and records have them. */
import { createHash } from 'node:crypto';

/** Lower-case hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
