/** Fetches a chart once, so that what was checked is what is deployed, and refuses another version. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { parse } from 'yaml';
import * as z from 'zod';
import { readCredentials } from './chart-credentials.ts';
import { type ChartSource, describeChart } from './chart-source.ts';
import type { Helm } from './helm.ts';
import { helmTimeouts } from './helm-context.ts';
import { addRepositoryArguments, type PullFrom, pullArguments, showArguments } from './pull-arguments.ts';
import type { ChartIdentity } from './release.ts';
import { withAuthorities } from './trusted-authorities.ts';

/** Valid as long as the `Helm` that opened it. */
export interface OpenChart extends ChartIdentity {
  /** Absolute; in the folder of `Helm`, unless the source is a path. */
  readonly path: string;
}

export interface ExpectedChart {
  readonly version: string;
  /** Default: the same, because the payload has the version of its chart. */
  readonly appVersion?: string;
}

/** @throws KataError `KATA_HELM_CHART_VERSION`, or why it cannot be fetched */
export async function openChart(
  helm: Helm,
  source: ChartSource,
  expected: ExpectedChart,
): Promise<OpenChart> {
  const path = await fetchChart(helm, source, expected.version);
  const what = `read the chart ${describeChart(source)}`;
  const text = await helm.run(showArguments(path), { what, timeoutMs: helmTimeouts.readMs });
  const chart = parseChart(text, what);
  requireVersion(chart, expected, source);
  return { ...chart, path };
}

async function fetchChart(helm: Helm, source: ChartSource, version: string): Promise<string> {
  if (source.kind === 'path') return await requirePath(source.path);
  const directory = await mkdtemp(join(helm.scratch, 'chart-'));
  try {
    const from =
      source.kind === 'registry' ? await withAuthorities(helm, source) : await addRepository(helm, source);
    await helm.run(pullArguments(from, { version, directory }), {
      what: `fetch version ${version} of the chart ${describeChart(source)}`,
      timeoutMs: helmTimeouts.pullMs,
    });
  } finally {
    // It has the password, and a killed process leaves its folder.
    await rm(helm.repositories, { force: true });
  }
  const [file] = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
  if (file === undefined) throw absent(describeChart(source), undefined);
  return join(directory, file);
}

/** Passwords go through the standard input into a file that only we can read. */
async function addRepository(
  helm: Helm,
  source: ChartSource & { readonly kind: 'repository' },
): Promise<PullFrom> {
  const { credentialsFile, url } = source;
  const credentials = credentialsFile === undefined ? undefined : await readCredentials(credentialsFile, url);
  await helm.run(addRepositoryArguments(source, credentials?.username), {
    what: `read the index of the chart repository ${url}`,
    timeoutMs: helmTimeouts.pullMs,
    ...(credentials === undefined ? {} : { input: credentials.password }),
  });
  return source;
}

async function requirePath(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    throw absent(path, error);
  }
}

function absent(where: string, cause: unknown): KataError {
  return new KataError('KATA_HELM_CHART_ABSENT', `there is no chart at ${where}`, {
    exitCode: exitCodes.precondition,
    hint: 'name the folder or the .tgz file of the chart, or oci://HOST/PATH/CHART',
    cause,
  });
}

const chartSchema = z
  .object({ name: z.string(), version: z.coerce.string(), appVersion: z.coerce.string().default('') })
  .transform(({ name, version, appVersion }): ChartIdentity => ({ name, version, appVersion }));

function parseChart(text: string, what: string): ChartIdentity {
  const { data, error } = chartSchema.safeParse(parse(text));
  if (data !== undefined) return data;
  throw new KataError('KATA_HELM_CHART_VERSION', `cannot ${what}: its Chart.yaml has no name or version`, {
    exitCode: exitCodes.precondition,
    cause: error,
  });
}

function requireVersion(chart: ChartIdentity, expected: ExpectedChart, source: ChartSource): void {
  const { version, appVersion = expected.version } = expected;
  if (chart.version === version && chart.appVersion === appVersion) return;
  throw new KataError(
    'KATA_HELM_CHART_VERSION',
    `the chart ${describeChart(source)} has version ${chart.version} and appVersion ${chart.appVersion}, but version ${version} is requested`,
    {
      exitCode: exitCodes.precondition,
      hint: `give the chart whose version and appVersion are both ${version}, or request the version of this one`,
    },
  );
}
