/** Of a release id. */
export function versionOf(release: string): string {
  return release.replace(/-[0-9a-f]{8}$/, '');
}
