/** Digests, as manifests and records contain them. */

/** Lower-case hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  // Loaded at the first digest: an import would cost --help and every error in an option 7 ms.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}
