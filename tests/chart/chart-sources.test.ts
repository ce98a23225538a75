/** Charts that the orchestrator fetches with real Helm: from registries, repositories and files. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '@kata/core';
import { Helm, type NamedChart, type OpenChart, openChart, parseChartSource } from '@kata/orchestrator';
import { writeProgram } from '@kata/orchestrator/testkit';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChartServer } from '../driver/chart-server.ts';
import { findHelm } from '../driver/helm-chart.ts';
import { writeSmallChart } from '../driver/small-chart.ts';

const login = 'robot$kata:p:word';
let directory: string;
let folder: string;
let archive: string;
let helm: Helm;
let plain: ChartServer;
let secure: ChartServer;

const chart = { name: 'small', version: '1.0.0', appVersion: '1.0.0' };

async function open(named: NamedChart, version = '1.0.0'): Promise<OpenChart> {
  return await openChart(helm, parseChartSource(named, directory), { version });
}

async function refusal(named: NamedChart, version?: string): Promise<string> {
  return await open(named, version).then(() => 'opened', describeError);
}

/** A file of credentials for the server. */
async function credentials(name: string, text: string): Promise<string> {
  const auths = { [secure.host]: { auth: Buffer.from(text).toString('base64') } };
  await writeFile(join(directory, name), JSON.stringify({ auths }));
  return name;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chart-sources-'));
  const program = await findHelm();
  folder = await writeSmallChart(directory, { version: '1.0.0' });
  await execa(program, ['package', folder, '--destination', directory]);
  archive = join(directory, 'small-1.0.0.tgz');
  helm = await Helm.open({ program, environment: { PATH: '/usr/bin:/bin' } });
  plain = await ChartServer.open(directory, { ...chart, archive, isSecure: false });
  secure = await ChartServer.open(directory, { ...chart, archive, isSecure: true, login });
});

afterAll(async () => {
  await Promise.all([helm, plain, secure].map(async (one) => await one[Symbol.asyncDispose]()));
  await rm(directory, { recursive: true });
});

describe('a chart is opened', () => {
  test.each<[string, () => NamedChart | Promise<NamedChart>]>([
    ['from a folder', () => ({ chart: folder })],
    ['from a file', () => ({ chart: 'small-1.0.0.tgz' })],
    ['from a registry without TLS', () => ({ chart: `oci://${plain.host}/charts/small`, isPlainHttp: true })],
    ['from a repository without TLS', () => ({ chart: 'small', repository: `http://${plain.host}/charts` })],
    [
      'from a registry with its CA and credentials',
      async () => ({
        chart: `oci://${secure.host}/charts/small`,
        caFile: secure.caFile,
        credentialsFile: await credentials('right.json', login),
      }),
    ],
    [
      'from a repository with its CA and credentials',
      async () => ({
        chart: 'small',
        repository: `https://${secure.host}/charts`,
        caFile: secure.caFile,
        credentialsFile: await credentials('right.json', login),
      }),
    ],
    [
      'from a registry whose certificate is not verified',
      async () => ({
        chart: `oci://${secure.host}/charts/small`,
        isInsecure: true,
        credentialsFile: await credentials('right.json', login),
      }),
    ],
    [
      'from a repository whose certificate is not verified',
      async () => ({
        chart: 'small',
        repository: `https://${secure.host}/charts`,
        isInsecure: true,
        credentialsFile: await credentials('right.json', login),
      }),
    ],
  ])('%s', async (_, named) => {
    expect(await open(await named())).toMatchObject(chart);
  });

  test('twice from different places, each for itself', async () => {
    const registry = { chart: `oci://${plain.host}/charts/small`, isPlainHttp: true };

    expect((await open(registry)).path).not.toBe((await open(registry)).path);
  });
});

describe('a chart is refused', () => {
  test.each<[string, () => NamedChart | Promise<NamedChart>, string]>([
    ['a path where nothing is', () => ({ chart: './none' }), 'there is no chart at'],
    ['a folder without chart', () => ({ chart: '.' }), 'because: helm failed with exit code 1: '],
    [
      'an absent one of a registry',
      () => ({ chart: `oci://${plain.host}/charts/none`, isPlainHttp: true }),
      'next: check the source of the chart and its versions',
    ],
    [
      'an absent one of a repository',
      () => ({ chart: 'none', repository: `http://${plain.host}/charts` }),
      'next: check the source of the chart and its versions',
    ],
    [
      'plain HTTP of a registry that nobody announced',
      () => ({ chart: `oci://${plain.host}/charts/small` }),
      'next: name the CA of the server, or say that it serves plain HTTP',
    ],
    [
      'an unknown CA',
      () => ({ chart: `oci://${secure.host}/charts/small` }),
      'next: name the CA of the server, or say that it serves plain HTTP',
    ],
    [
      'no credentials for a registry',
      () => ({ chart: `oci://${secure.host}/charts/small`, caFile: secure.caFile }),
      'next: check the credentials for the registry of the chart, or for the cluster',
    ],
    [
      'wrong credentials for a repository',
      async () => ({
        chart: 'small',
        repository: `https://${secure.host}/charts`,
        caFile: secure.caFile,
        credentialsFile: await credentials('wrong.json', 'robot$kata:wrong-password'),
      }),
      'next: check the credentials for the registry of the chart, or for the cluster',
    ],
    [
      'wrong credentials for a registry',
      async () => ({
        chart: `oci://${secure.host}/charts/small`,
        caFile: secure.caFile,
        credentialsFile: await credentials('wrong.json', 'robot$kata:wrong-password'),
      }),
      'next: check the credentials for the registry of the chart, or for the cluster',
    ],
    [
      'a file of credentials that is not there',
      () => ({ chart: 'small', repository: `https://${secure.host}/charts`, credentialsFile: 'none.json' }),
      'because: ENOENT: no such file or directory, open ',
    ],
    [
      'a server that does not answer',
      () => ({ chart: 'oci://127.0.0.1:1/charts/small', isPlainHttp: true }),
      'next: check the address that Helm reports, then run this again',
    ],
  ])('%s', async (_, named, words) => {
    const text = await refusal(await named());

    expect(text).toContain(words);
    expect(text).not.toContain('wrong-password');
  });

  test('with another version than the target, naming both', async () => {
    expect(await refusal({ chart: folder }, '1.1.0')).toBe(
      `the chart ${folder} has version 1.0.0 and appVersion 1.0.0, but version 1.1.0 is requested
  next: give the chart whose version and appVersion are both 1.1.0, or request the version of this one`,
    );
    const other = await writeSmallChart(directory, { version: '1.1.0', appVersion: '1.0.9', text: 'app' });
    expect(await refusal({ chart: other }, '1.1.0')).toContain('has version 1.1.0 and appVersion 1.0.9');
  });
});

test('a password is in no argument of a process, and in no file afterwards', async () => {
  const program = join(directory, 'helm-recorder');
  await writeProgram(program, `echo "$@" >>${directory}/calls\nexec ${await findHelm()} "$@"`);
  await using recorded = await Helm.open({ program, environment: { PATH: '/usr/bin:/bin' } });
  const source = { repository: `https://${secure.host}/charts`, chart: 'small', caFile: secure.caFile };
  const named = { ...source, credentialsFile: await credentials('right.json', login) };

  await openChart(recorded, parseChartSource(named, directory), { version: '1.0.0' });

  const calls = await readFile(join(directory, 'calls'), 'utf8');
  expect(calls).toContain('--username robot$kata --password-stdin');
  expect(calls).not.toContain('p:word');
  const search = await execa('grep', ['-rl', 'p:word', recorded.scratch], { reject: false });
  expect(search).toMatchObject({ exitCode: 1, stdout: '' });
});
