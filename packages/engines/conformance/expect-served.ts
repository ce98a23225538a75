/** What an engine must serve: everything that it serves without us, and everything that our installations desire. */
import { expect } from 'vitest';
import type { Served, ServedHandler } from './oracle.ts';
import type { Desired } from './trial.ts';

/** `bare`: without us; `userSettings`: those of a desired user drop-in. Without handlers nothing is desired. */
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

/** `trace` includes `debug`, so it may stay. */
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

/** Of our handlers only the desired properties are compared. */
function withoutOurTables(served: Served, desired: readonly Desired[]): object {
  const ours = ourHandlers(desired);
  const handlers = Object.entries(served.handlers).map(([name, handler]) => {
    const { table: _, ...expected } = handler;
    return [name, Object.hasOwn(ours, name) ? expected : handler];
  });
  return { ...served, handlers: Object.fromEntries(handlers) as unknown };
}
