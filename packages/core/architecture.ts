/**
 * Processor architectures, by the names that Go, Kubernetes and container images use: `architecture` is always such a
 * name. Kata's own names are `kataArchitecture`, in packages/kata.
 */

/** Those that Kata supports. */
export const goArchitectures = ['amd64', 'arm64', 'ppc64le', 's390x'] as const;

export type GoArchitecture = (typeof goArchitectures)[number];

const names: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le' };
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** `nodeName`: the name that Node uses; default: of this process. */
export function goArchitecture(nodeName: string = process.arch): string {
  if (nodeName === 'ppc64' && !isLittleEndian) return 'ppc64';
  return names[nodeName] ?? nodeName;
}
