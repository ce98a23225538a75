/** The command lines that fetch a chart. None contains a password. */
import type { ChartConnection, ChartSource } from './chart-source.ts';

export type PullFrom = Exclude<ChartSource, { readonly kind: 'path' }>;

/** Of a repository in Helm's list, which is private to this run. */
const repositoryName = 'source';

export function pullArguments(
  source: PullFrom,
  { version, directory }: { readonly version: string; readonly directory: string },
): readonly string[] {
  const chart = source.kind === 'registry' ? source.reference : `${repositoryName}/${source.chart}`;
  return [
    ...['pull', chart, '--version', version, '--destination', directory],
    ...tlsArguments(source),
    ...(source.kind === 'registry' && source.isPlainHttp === true ? ['--plain-http'] : []),
    ...(source.kind === 'registry' && source.credentialsFile !== undefined
      ? ['--registry-config', source.credentialsFile]
      : []),
  ];
}

/** With a user, Helm reads the password from its standard input. */
export function addRepositoryArguments(
  source: PullFrom & { readonly kind: 'repository' },
  username: string | undefined,
): readonly string[] {
  return [
    ...['repo', 'add', repositoryName, source.url, '--force-update'],
    ...tlsArguments(source),
    ...(username === undefined ? [] : ['--username', username, '--password-stdin']),
  ];
}

/** `chart` is an absolute path. */
export function showArguments(chart: string): readonly string[] {
  return ['show', 'chart', chart];
}

function tlsArguments({ caFile, isInsecure }: ChartConnection): readonly string[] {
  return [
    ...(caFile === undefined ? [] : ['--ca-file', caFile]),
    ...(isInsecure === true ? ['--insecure-skip-tls-verify'] : []),
  ];
}
