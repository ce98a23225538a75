/** The machine's architecture, by the name that Go and Kubernetes give it. */
import { endianness } from 'node:os';

const names: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le' };

export function architectureOf(nodeName: string = process.arch): string {
  if (nodeName === 'ppc64' && endianness() === 'BE') return 'ppc64';
  return names[nodeName] ?? nodeName;
}
