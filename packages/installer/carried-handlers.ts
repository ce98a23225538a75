/** Handlers that a release would not make: they stay as they are while a sandbox may need them. */
import type { Host } from '@kata/host';
import { handlerEntry } from './adoption/upstream.ts';
import type { EngineSession } from './engine-session.ts';
import type { HandlerEntry } from './facts.ts';
import { emptyRecord, readRecord } from './record.ts';
import type { Settings } from './settings/index.ts';
import { wantedHandlers } from './wanted-files.ts';

/** None when no sandbox lives. */
export async function findCarried(
  host: Host,
  engine: EngineSession,
  settings: Settings,
  sandboxes: readonly string[],
): Promise<readonly HandlerEntry[]> {
  if (sandboxes.length === 0) return [];
  const record = await readRecord(host, settings.prefix);
  const known = record?.handlers ?? (await engine.readFacts(emptyRecord)).found;
  const names = new Set(wantedHandlers(settings).map((handler) => handler.name));
  return known.filter(({ name }) => !names.has(name)).map(handlerEntry);
}
