/** Where a chart comes from, as users name it. */
import { isAbsolute, resolve } from 'node:path';
import { exitCodes, KataError } from '@kata/core';

export type ChartSource = ChartAddress & ChartConnection;

type ChartAddress =
  /** `oci://host/path/chart` */
  | { readonly kind: 'registry'; readonly reference: string }
  /** A chart repository with an index.yaml. */
  | { readonly kind: 'repository'; readonly url: string; readonly chart: string }
  /** A folder or a .tgz file. */
  | { readonly kind: 'path'; readonly path: string };

export interface ChartConnection {
  /** File of certificate authorities of the server. */
  readonly caFile?: string;
  /** File in the form of Docker's config.json. Default: that of `helm registry login`. */
  readonly credentialsFile?: string;
  /** Of a registry: without TLS. */
  readonly isPlainHttp?: boolean;
  /** The server's certificate is not verified. */
  readonly isInsecure?: boolean;
}

export interface NamedChart extends ChartConnection {
  /** `oci://…`, a path, or with `repository` the name of the chart. */
  readonly chart: string;
  /** URL of a chart repository. */
  readonly repository?: string;
}

/** Relative paths are relative to `directory`. @throws KataError `KATA_HELM_CHART_SOURCE` */
export function parseChartSource(
  { chart, repository, ...connection }: NamedChart,
  directory: string,
): ChartSource {
  const files = {
    ...(connection.caFile === undefined ? {} : { caFile: resolve(directory, connection.caFile) }),
    ...(connection.credentialsFile === undefined
      ? {}
      : { credentialsFile: resolve(directory, connection.credentialsFile) }),
  };
  const source = { ...parseAddress(chart, repository, directory), ...connection, ...files };
  if (source.isPlainHttp === true && (source.isInsecure === true || source.caFile !== undefined)) {
    throw refused(
      'plain HTTP has no certificate to verify',
      'leave out either plain HTTP, or the CA and the setting that the certificate is not verified',
    );
  }
  if (source.isPlainHttp === true && source.kind === 'repository') {
    throw refused('plain HTTP is a setting of registries', 'write the URL of the repository with http://');
  }
  return source;
}

/** The same with absolute paths, for processes that run in other folders. @throws KataError `KATA_HELM_CHART_SOURCE` */
export function absoluteChart(named: NamedChart, directory: string): NamedChart {
  const source = parseChartSource(named, directory);
  const { caFile, credentialsFile } = source;
  return {
    ...named,
    ...(source.kind === 'path' ? { chart: source.path } : {}),
    ...(caFile === undefined ? {} : { caFile }),
    ...(credentialsFile === undefined ? {} : { credentialsFile }),
  };
}

/** For messages: has no credentials. */
export function describeChart(source: ChartSource): string {
  switch (source.kind) {
    case 'registry':
      return source.reference;
    case 'repository':
      return `${source.chart} of ${source.url}`;
    case 'path':
      return source.path;
  }
}

function parseAddress(chart: string, repository: string | undefined, directory: string): ChartAddress {
  if (chart === '')
    throw refused('the source of the chart is empty', 'name oci://HOST/PATH/CHART, or a path');
  if (repository !== undefined) return parseRepository(chart, repository);
  if (chart.startsWith('oci://')) {
    requireUrl(chart);
    return { kind: 'registry', reference: chart };
  }
  if (/^[a-z]+:\/\//i.test(chart)) {
    throw refused(
      `"${withoutUser(chart)}" is not a valid source of a chart`,
      'for a chart repository, give its URL and the name of the chart',
    );
  }
  return { kind: 'path', path: isAbsolute(chart) ? chart : resolve(directory, chart) };
}

function parseRepository(chart: string, repository: string): ChartAddress {
  const { protocol } = requireUrl(repository);
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw refused(
      `"${repository}" is not a valid URL of a chart repository`,
      'write https://HOST/PATH; for an OCI registry, give only the chart: oci://HOST/PATH/CHART',
    );
  }
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(chart)) {
    throw refused(
      `"${withoutUser(chart)}" is not a valid name of a chart`,
      'name a chart of the repository, such as kata-deploy',
    );
  }
  return { kind: 'repository', url: repository, chart };
}

/** A password in a URL would be visible in the list of processes. */
function requireUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === '') {
    throw refused(`"${withoutUser(text)}" is not a valid URL`, 'write it as SCHEME://HOST/PATH');
  }
  if (url.username === '' && url.password === '') return url;
  throw refused(
    `the URL of the chart (${url.host}) contains credentials`,
    "put them into a credentials file in the form of Docker's config.json",
  );
}

function withoutUser(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//');
}

function refused(message: string, hint: string): KataError {
  return new KataError('KATA_HELM_CHART_SOURCE', message, { exitCode: exitCodes.usage, hint });
}
