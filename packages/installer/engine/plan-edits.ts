/** Plans and checks changes of the engine's files, from its facts, through the engine's own code; throws for an engine that cannot be reached. Pure. */
import type { DesiredEngine } from '@kata/artifacts';
import { type Engine, engineOf, type FileEdit } from '@kata/engines';
import type { Handler } from '@kata/kata';
import type { OwnershipRecord } from '../state/record.ts';
import type { PlannedEngine, ProbedEngine } from './engine-facts.ts';
import { engineContext, tellingSettings } from './engine-settings.ts';

/** `told`: the engine's configuration in addition to handlers; left out: that of the settings. */
export function planEdits(
  seen: PlannedEngine,
  handlers: readonly Handler[],
  record: OwnershipRecord,
  told?: DesiredEngine,
): readonly FileEdit[] {
  const { engine, location, probed, settings } = reached(seen);
  return engine.planEdits(probed, handlers, engineContext(location, tellingSettings(settings, told), record));
}

export function planDrops(
  seen: PlannedEngine,
  names: readonly string[],
  record: OwnershipRecord,
): readonly FileEdit[] {
  const { engine, location, probed, settings } = reached(seen);
  return engine.planDrops(probed, names, engineContext(location, settings, record));
}

/** All changes of the engine in a plan. */
export interface EngineChange {
  readonly edits: readonly Pick<FileEdit, 'path' | 'after'>[];
  readonly handlers: readonly Handler[];
  readonly record: OwnershipRecord;
  /** See `planEdits`. */
  readonly told: DesiredEngine | undefined;
  /** Whether the engine's own loader has accepted it. */
  readonly isLoaded: boolean;
}

/** Throws when the engine would not start with these edits, or would differ in more than our handlers. */
export function refuseHarm(
  seen: PlannedEngine,
  { edits, handlers, record, told, isLoaded }: EngineChange,
): void {
  const { engine, location, probed, settings } = reached(seen);
  const context = engineContext(location, tellingSettings(settings, told), record);
  engine.refuseHarm(probed, edits, handlers, context, isLoaded);
}

function reached(seen: PlannedEngine): ProbedEngine & { readonly engine: Engine<unknown> } {
  if (seen.problem !== undefined) throw seen.problem;
  return { ...seen, engine: engineOf(seen.kind) };
}
