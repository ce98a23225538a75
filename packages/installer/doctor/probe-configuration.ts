/** Asks the engine's own planner whether it would edit the configuration as it is on disk. */
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import { containerd } from '@kata/engines';
import type { Host, HostPath } from '@kata/host';
import { engineContext } from '../engine-session.ts';
import { emptyRecord, readRecord } from '../record.ts';
import type { Settings } from '../settings/index.ts';
import { wantedHandlers } from '../wanted-files.ts';
import type { EngineConfiguration } from './facts.ts';

const configDirectory: HostPath = '/etc/containerd';

/** `isHidden` says whether nobody can tell what is at a path, because that part of the host is not mounted. */
export async function probeConfiguration(
  host: Host,
  version: string,
  settings: Settings,
  isHidden: (path: HostPath) => Promise<boolean>,
): Promise<EngineConfiguration> {
  if (await isHidden(configDirectory)) return { kind: 'hidden', directory: configDirectory };
  try {
    const record = (await readRecord(host, settings.prefix)) ?? emptyRecord;
    const context = engineContext(settings, record);
    const facts = await containerd.probe(host, version, context);
    for (const { missing } of facts.problems) {
      const directory = missing === undefined ? undefined : (posix.dirname(missing) as HostPath);
      if (directory !== undefined && (await isHidden(directory))) return { kind: 'hidden', directory };
    }
    containerd.planEdits(facts, wantedHandlers(settings), context);
    return { kind: 'sound', files: containerd.configFiles(facts) };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    const { problems } = error.details;
    return {
      kind: 'refused',
      messages: Array.isArray(problems) ? problems.map(String) : [error.message],
      hint: error.hint ?? 'correct it and try again',
    };
  }
}
