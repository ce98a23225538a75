/** From 2.2 on containerd runs a shim with `-info` once per path and caches the answer. */
export function keepsShimInfo(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 2);
}
