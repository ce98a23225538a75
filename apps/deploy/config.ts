/** What flags, environment and configuration file decide. The only reader of environment variables. */
import { readFile, stat } from 'node:fs/promises';
import { exitCodes, goArchitecture, KataError } from '@kata/core';
import type { AgentConfig } from '@kata/node-agent';
import { type ReadFile, resolveSettings, type SettingsSources } from '@kata/settings';
import { type FieldName, fields } from '@kata/settings/model';
import { toKataArchitecture } from '@kata/kata';

export interface DeployConfig extends AgentConfig {
  /** Where the host's root, or the parts of it that are needed, is mounted. */
  readonly hostRoot: string;
  /** The folder of payload.json. */
  readonly payload: string;
  /** Path of kata-helper. */
  readonly helper: string;
  /** Go's name. */
  readonly architecture: string;
  /** `cleanup` has nothing to do: Helm has run it after everything was removed. */
  readonly isPostDeleteHook: boolean;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

/** Where the installation is, whose pod this is, and how host and cluster are reached: all that a removal needs. */
const identityFields = [
  'prefix',
  'suffix',
  'nodeName',
  'podNamespace',
  'podUid',
  'daemonSetName',
  'terminationGraceSeconds',
  'hostRoot',
  'payload',
  'helper',
] as const satisfies readonly FieldName[];

/** Everything else is as by default. Undefined where a file may say more of these. */
export async function readIdentityConfig({
  flags = {},
  environment = process.env,
  ...sources
}: Partial<SettingsSources> = {}): Promise<DeployConfig | undefined> {
  const names = [flags['config'], environment[fields.config.variable]];
  if (names.some((name) => name !== undefined && name !== '')) return undefined;
  return await readConfig({
    ...sources,
    flags: Object.fromEntries(identityFields.map((field) => [field, flags[field]])),
    environment: Object.fromEntries(
      identityFields.map((field) => [fields[field].variable, environment[fields[field].variable]]),
    ),
  });
}

const upstreamLockDirectory = '/host-run-lock';

/**
 * A flag wins over the environment, that over the file, that over the default. Paths of files are those that this
 * program sees, not the host's.
 * @throws KataError `KATA_CONFIG_INVALID` with a line for each problem, `KATA_CONFIG_ARCHITECTURE`.
 */
export async function readConfig(sources: Partial<SettingsSources> = {}): Promise<DeployConfig> {
  const architecture = goArchitecture();
  const kataArchitecture = sources.kataArchitecture ?? toKataArchitecture(architecture);
  if (kataArchitecture === undefined) {
    throw new KataError('KATA_CONFIG_ARCHITECTURE', `Kata is not made for ${architecture}`, {
      exitCode: exitCodes.precondition,
    });
  }
  const { settings, values } = await resolveSettings({
    flags: {},
    environment: process.env,
    readFile: readTextFile,
    ...sources,
    kataArchitecture,
  });
  return {
    hostRoot: values.hostRoot,
    lockDirectory: values.hostRoot === '/' ? await directoryAt(upstreamLockDirectory) : undefined,
    payload: values.payload,
    helper: values.helper,
    architecture,
    nodeName: values.nodeName,
    namespace: values.podNamespace ?? (await ownNamespace(sources.readFile ?? readTextFile)),
    daemonSet: values.daemonSetName,
    podUid: values.podUid,
    isPostDeleteHook: values.helmPostDeleteHook,
    drift: values.drift,
    graceMs: values.terminationGraceSeconds * 1000,
    settings,
  };
}

async function directoryAt(path: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isDirectory() === true ? path : undefined;
}

/** Upstream's chart does not name it, and a DaemonSet that is looked for in a wrong namespace looks like one that is gone. */
async function ownNamespace(read: ReadFile): Promise<string> {
  const text = await read('/var/run/secrets/kubernetes.io/serviceaccount/namespace');
  return text?.trim() || 'kube-system';
}

async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
