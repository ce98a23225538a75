/** Handlers that the wanted release does not have: they stay unchanged while a sandbox may need them. */
import { type Handler, toHandler } from '@kata/kata';
import type { NodeFacts } from '../facts/facts.ts';
import type { Settings } from '@kata/settings';
import { wantedHandlers } from './wanted-files.ts';

/** Empty when no sandbox is running. */
export function findRetainedHandlers(
  settings: Settings,
  { record, engine, sandboxes }: Pick<NodeFacts, 'engine' | 'record' | 'sandboxes'>,
): readonly Handler[] {
  if (sandboxes.length === 0) return [];
  const known = record?.handlers ?? engine.found;
  const names = new Set(wantedHandlers(settings).map((handler) => handler.name));
  return known.filter(({ name }) => !names.has(name)).map(toHandler);
}
