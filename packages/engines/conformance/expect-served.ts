/** What an engine must serve: everything that it serves without us, and everything that our installations desire. */
import { expect } from 'vitest';
import type { Served, ServedHandler } from './oracle.ts';
import type { Desired, Trial } from './trial.ts';

/** `bare`: without us; `userSettings`: those of a desired user drop-in. Without handlers nothing is desired. */
export async function expectServed<Facts>(
  trial: Trial<Facts>,
  bare: Served,
  all: readonly Desired[],
  userSettings: Served['settings'] = {},
): Promise<void> {
  const desired = all.filter(({ handlers }) => handlers.length > 0);
  const isWanted = desired.some(({ userDropIn }) => userDropIn !== undefined);
  const isDebug = desired.some(({ debug }) => debug === true);
  expect(await trial.served()).toEqual({
    handlers: { ...bare.handlers, ...ourHandlers(trial, desired) },
    // `trace` includes `debug`.
    logLevel: isDebug && bare.logLevel !== 'trace' ? 'debug' : bare.logLevel,
    settings: { ...bare.settings, ...(isWanted ? userSettings : {}) },
  });
}

function ourHandlers<Facts>(
  { tested, version }: Trial<Facts>,
  desired: readonly Desired[],
): Readonly<Record<string, ServedHandler>> {
  const handlers = desired.flatMap((each) => each.handlers);
  return Object.fromEntries(
    handlers.map((handler) => [handler.name, tested.expected.handler(handler, version)]),
  );
}
