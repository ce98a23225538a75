/** Finds out whether the engine's configuration on disk can be edited, and whether the engine would load the result. */
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import type { LoaderAnswer, VersionAnswer } from '@kata/engines';
import type { Host, HostPath } from '@kata/host';
import {
  emptyRecord,
  type EngineSession,
  foreignChanges,
  type OwnershipRecord,
  planEdits,
  readRecord,
  refuseHarm,
  wantedHandlers,
} from '@kata/installer';
import type { Settings } from '@kata/settings';
import type { EngineConfiguration } from './facts.ts';

export interface ConfigurationProbe {
  readonly host: Host;
  readonly session: EngineSession;
  readonly settings: Settings;
  /** Whether that part of the host is not mounted. */
  readonly isHidden: (path: HostPath) => Promise<boolean>;
}

export interface StartedVersion {
  /** Of the running engine. */
  readonly running: string;
  /** Of the program on disk, which runs after the next restart. */
  readonly onDisk: VersionAnswer;
}

/** As the version on disk reads it: an installation restarts the engine. */
export async function probeConfiguration(
  probe: ConfigurationProbe,
  { running, onDisk }: StartedVersion,
): Promise<EngineConfiguration> {
  const { host, session, settings, isHidden } = probe;
  const { configDirectory, unit } = (await session.open()).location;
  if (await isHidden(configDirectory)) return { kind: 'hidden', directory: configDirectory };
  try {
    const record = (await readRecord(host, settings.prefix)) ?? emptyRecord;
    const seen = await session.readFiles(onDisk.kind === 'answers' ? onDisk.version : running, record);
    for (const missing of seen.missingFiles) {
      const directory = posix.dirname(missing) as HostPath;
      if (await isHidden(directory)) return { kind: 'hidden', directory };
    }
    const answer = await judgeEdits(probe, seen, record, onDisk);
    const { configFiles: files } = seen;
    const unloaded = await foreignChanges(host, files, record, await startOf(host, unit));
    return { kind: 'sound', files, unloaded, answer };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    const { problems } = error.details;
    return {
      kind: 'refused',
      messages: Array.isArray(problems) ? problems.map(String) : [error.message],
      hint: error.hint ?? 'correct the file and try again',
    };
  }
}

/** Undefined without edits. @throws KataError when an installation would be refused. */
async function judgeEdits(
  { session, settings }: ConfigurationProbe,
  seen: Awaited<ReturnType<EngineSession['readFiles']>>,
  record: OwnershipRecord,
  onDisk: VersionAnswer,
): Promise<LoaderAnswer | undefined> {
  const handlers = wantedHandlers(settings);
  const edits = planEdits(seen, handlers, record);
  if (edits.length === 0) return undefined;
  const answer = onDisk.kind === 'unavailable' ? onDisk : await session.queryLoader(seen, edits);
  const isLoaded = answer.kind === 'accepts';
  if (answer.kind !== 'refuses') refuseHarm(seen, { edits, handlers, record, told: undefined, isLoaded });
  return answer;
}

/** Undefined, too, when systemd does not answer, which another check reports. */
async function startOf({ units }: Host, unit: string): Promise<number | undefined> {
  try {
    return (await units.state(unit))?.startedAtMs;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return undefined;
  }
}
