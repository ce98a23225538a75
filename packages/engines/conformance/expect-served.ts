/** What an engine must serve: all that it did without us, and all that our installations desire. */
import { expect } from 'vitest';
import type { Served, ServedHandler } from './oracle.ts';
import type { Desired } from './trial.ts';

/** `bare`: without us; `userSettings`: those of a drop-in that somebody desires. Without handlers nothing is desired. */
export function expectServed(
  served: Served,
  bare: Served,
  all: readonly Desired[],
  userSettings: Served['settings'] = {},
): void {
  const desired = all.filter(({ handlers }) => handlers.length > 0);
  const isWanted = desired.some(({ userDropIn }) => userDropIn !== undefined);
  expect(withoutOurTables(served, desired)).toEqual({
    handlers: { ...bare.handlers, ...ourHandlers(desired) },
    logLevel: desired.some(({ debug }) => debug === true) ? debugLevel(bare, served) : bare.logLevel,
    settings: { ...bare.settings, ...(isWanted ? userSettings : {}) },
  });
}

/** `trace` says even more: it may stay. */
function debugLevel(bare: Served, served: Served): string {
  return bare.logLevel === 'trace' && served.logLevel === 'trace' ? 'trace' : 'debug';
}

type ExpectedHandler = Omit<ServedHandler, 'table'>;

function ourHandlers(desired: readonly Desired[]): Readonly<Record<string, ExpectedHandler>> {
  const all = desired.flatMap(({ handlers }) => handlers);
  return Object.fromEntries(
    all.map(({ name, shimPath, configPath, snapshotter }) => [name, { shimPath, configPath, snapshotter }]),
  );
}

/** Of the handlers that are ours only what was asked for is compared. */
function withoutOurTables(served: Served, desired: readonly Desired[]): object {
  const ours = ourHandlers(desired);
  const handlers = Object.entries(served.handlers).map(([name, handler]) => {
    const { table: _, ...asked } = handler;
    return [name, Object.hasOwn(ours, name) ? asked : handler];
  });
  return { ...served, handlers: Object.fromEntries(handlers) as unknown };
}
