/** The configuration from flags, environment and file. The only reader of environment variables. */
import { readFile, stat } from 'node:fs/promises';
import { exitCodes, goArchitecture, KataError } from '@kata/core';
import { type ReadFile, resolveSettings, type SettingsSources } from '@kata/settings';
import { type FieldName, fields } from '@kata/settings/model';
import { toKataArchitecture } from '@kata/kata';
import type { DeployConfig } from './deploy-config.ts';
import { readUncheckedConfig } from './unchecked-config.ts';

/** Path of the installation, identity of the pod, access to host and cluster: all that a removal needs. */
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

/** All other fields have their defaults. Undefined with a configuration file, which may set these fields. */
export async function readIdentityConfig({
  flags = {},
  environment = process.env,
  ...sources
}: Partial<SettingsSources> = {}): Promise<DeployConfig | undefined> {
  const names = [flags['config'], environment[fields.config.variable]];
  if (names.some((name) => name !== undefined && name !== '')) return undefined;
  const config = await readConfig({
    ...sources,
    flags: Object.fromEntries(identityFields.map((field) => [field, flags[field]])),
    environment: Object.fromEntries(
      identityFields.map((field) => [fields[field].variable, environment[fields[field].variable]]),
    ),
  });
  return { ...config, progress: readUncheckedConfig({ flags, environment }).progress };
}

/** For commands whose identity is refused, too. */
export function uncheckedConfig(flags: SettingsSources['flags']): ReturnType<typeof readUncheckedConfig> {
  return readUncheckedConfig({ flags, environment: process.env });
}

const upstreamLockDirectory = '/host-run-lock';

/**
 * A flag overrides the environment, that the file, that the default. Paths are those of this process, not of the host.
 * @throws KataError `KATA_CONFIG_INVALID` with a line for each problem, `KATA_CONFIG_ARCHITECTURE`.
 */
export async function readConfig(sources: Partial<SettingsSources> = {}): Promise<DeployConfig> {
  const architecture = goArchitecture();
  const kataArchitecture = sources.kataArchitecture ?? toKataArchitecture(architecture);
  if (kataArchitecture === undefined) {
    throw new KataError('KATA_CONFIG_ARCHITECTURE', `Kata does not support ${architecture}`, {
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
    progress: values.progress,
    graceMs: values.terminationGraceSeconds * 1000,
    settings,
  };
}

async function directoryAt(path: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isDirectory() === true ? path : undefined;
}

/** Upstream's chart does not set it, and a DaemonSet looks deleted in a wrong namespace. */
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
