/** Asks the engine's own planner whether it would edit the configuration as it is on disk, and the engine whether it would load that. */
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import {
  askLoader,
  type Engine,
  type EngineContext,
  type LoaderAnswer,
  type VersionAnswer,
} from '@kata/engines';
import type { Host, HostPath } from '@kata/host';
import { engineContext, foreignChanges, emptyRecord, readRecord, wantedHandlers } from '@kata/installer';
import type { Settings } from '@kata/settings';
import type { EngineConfiguration } from './facts.ts';

export interface StartedVersion {
  /** Of the engine that runs. */
  readonly running: string;
  /** Of the program on disk, which its next start runs. */
  readonly onDisk: VersionAnswer;
}

/**
 * As the next start would read it: an installation edits for that. `isHidden` says whether nobody can tell what is at a
 * path, because that part of the host is not mounted.
 */
export async function probeConfiguration(
  host: Host,
  engine: Engine<unknown>,
  { running, onDisk }: StartedVersion,
  settings: Settings,
  isHidden: (path: HostPath) => Promise<boolean>,
): Promise<EngineConfiguration> {
  const { configDirectory } = engine;
  if (await isHidden(configDirectory)) return { kind: 'hidden', directory: configDirectory };
  try {
    const record = (await readRecord(host, settings.prefix)) ?? emptyRecord;
    const context = engineContext(settings, record);
    const facts = await engine.probe(host, onDisk.kind === 'answers' ? onDisk.version : running, context);
    for (const missing of engine.missingFiles?.(facts) ?? []) {
      const directory = posix.dirname(missing) as HostPath;
      if (await isHidden(directory)) return { kind: 'hidden', directory };
    }
    const answer = await judgeEdits(host, engine, facts, { onDisk, context, settings });
    const files = engine.configFiles(facts);
    const unloaded = await foreignChanges(host, files, record, await startOf(host, engine.unit));
    return { kind: 'sound', files, unloaded, answer };
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

interface Judged {
  readonly onDisk: VersionAnswer;
  readonly context: EngineContext;
  readonly settings: Settings;
}

/** Undefined where nothing would be edited. What would be refused is thrown. */
async function judgeEdits(
  host: Host,
  engine: Engine<unknown>,
  facts: unknown,
  { onDisk, context, settings }: Judged,
): Promise<LoaderAnswer | undefined> {
  const handlers = wantedHandlers(settings);
  const edits = engine.planEdits(facts, handlers, context);
  if (edits.length === 0) return undefined;
  const answer = onDisk.kind === 'unasked' ? onDisk : await askLoader(host, engine, facts, edits);
  if (answer.kind !== 'refuses')
    engine.refuseHarm?.(facts, edits, handlers, context, answer.kind === 'accepts');
  return answer;
}

/** Undefined also where systemd cannot be asked: that is another check's. */
async function startOf({ units }: Host, unit: string): Promise<number | undefined> {
  try {
    return (await units.state(unit))?.startedAtMs;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return undefined;
  }
}
