/** Names the certificate authorities that Helm trusts for a registry. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import type { ChartSource } from './chart-source.ts';
import type { Helm } from './helm.ts';

/**
 * Without a file of authorities, Helm 3 repeats without TLS what a registry answers without TLS, credentials included. So
 * it always gets one, unless the user wants plain HTTP, or no verification: that of this machine, else Node's.
 */
export async function withAuthorities(
  helm: Helm,
  source: ChartSource & { readonly kind: 'registry' },
): Promise<ChartSource & { readonly kind: 'registry' }> {
  if (source.caFile !== undefined || source.isPlainHttp === true || source.isInsecure === true) return source;
  const system = getCACertificates('system');
  const authorities = system.length > 0 ? system : getCACertificates('bundled');
  const caFile = join(helm.scratch, 'authorities.pem');
  await writeFile(caFile, [...new Set(authorities)].join('\n'));
  return { ...source, caFile };
}
