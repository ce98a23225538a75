/** Reads the files of a handler: its shim, its configuration, and the files that are named there. */
import type { Host, HostPath } from '@kata/host';
import {
  type Handler,
  loadConfiguration,
  type ReferencedFile,
  referencedFiles,
  type Refusal,
  shimLanguage,
} from '@kata/kata';
import {
  type ConfigurationFolder,
  followLinks,
  readConfigurationFolder,
} from '../facts/configuration-folder.ts';
import type { HandlerFacts, NamedFile } from './facts.ts';

export interface HandlerProbe {
  readonly host: Host;
  readonly prefix: HostPath;
  /** Kata version of the handler; undefined when unknown. */
  readonly version: string | undefined;
}

export async function readHandler(probe: HandlerProbe, handler: Handler): Promise<HandlerFacts> {
  const shim = await followLinks(probe.host.files, handler.shimPath);
  const folder = await readConfigurationFolder(probe.host.files, handler.configPath);
  return {
    handler,
    shim: shim?.info,
    configuration: await judgeConfiguration(probe, shimLanguage(shim?.path ?? handler.shimPath), folder),
  };
}

async function judgeConfiguration(
  probe: HandlerProbe,
  language: ReturnType<typeof shimLanguage>,
  folder: ConfigurationFolder,
): Promise<HandlerFacts['configuration']> {
  const { content, configuration, directory } = folder;
  if (content === undefined) return { kind: 'missing' };
  const hidden = folder.entries.filter(
    ({ kind, content: behind, info }) =>
      kind === 'link' && behind === undefined && isHidden(probe, info.target),
  );
  const entries = folder.entries.filter((entry) => !hidden.includes(entry));
  const loaded = loadConfiguration({ language, version: probe.version }, content.toString('utf8'), entries);
  const pathOf = ({ entry }: Pick<Refusal, 'entry'>): HostPath =>
    entry === undefined ? configuration : `${directory}/${entry}`;
  const [missing, unseen]: [NamedFile[], NamedFile[]] = [[], []];
  const named = referencedFiles(language, loaded);
  for (const file of named) {
    const path = file.path as HostPath;
    if ((await followLinks(probe.host.files, path)) !== undefined) continue;
    (isHidden(probe, path) ? unseen : missing).push({ path, namedBy: namedBy(file, directory) });
  }
  return {
    kind: 'read',
    refusals: loaded.refusals.map((refusal) => `${pathOf(refusal)} ${refusal.message}`),
    named: named.map(({ path }) => path as HostPath),
    missing,
    unseen: [...unseen, ...hidden.map(({ path }) => ({ path, namedBy: undefined }))],
  };
}

/** Whether a missing file may exist on the host without being mounted into our container. */
function isHidden({ host, prefix }: HandlerProbe, path: string | undefined): boolean {
  return host.isPartial && path?.startsWith(`${prefix}/`) === false;
}

function namedBy({ entry }: ReferencedFile, directory: HostPath): HostPath | undefined {
  return entry === undefined ? undefined : `${directory}/${entry}`;
}
