/** While any sandbox lives, handlers that are no longer wanted stay: it may be one of theirs. */
import { posix } from 'node:path';
import type { Host, HostPath } from '@kata/host';
import { type CustomRuntime, handlerName, type HandlerVariant, type Shim, shims } from '@kata/kata';
import { isAdopted } from './carried-handlers.ts';
import type { HandlerEntry } from './facts.ts';
import { readRecord } from './record.ts';
import type { Settings } from './settings/index.ts';
import { wantedHandlers } from './wanted-files.ts';

/** The settings, widened by what the recorded handlers need. */
export async function keepUsed(
  host: Host,
  settings: Settings,
  sandboxes: readonly string[],
): Promise<Settings> {
  if (sandboxes.length === 0) return settings;
  const record = await readRecord(host, settings.prefix);
  // Those of an adopted installation are carried as they are.
  const recorded = (record?.handlers ?? []).filter(({ name }) => !isAdopted(record, name));
  if (recorded.length === 0) return settings;
  const names = new Set(recorded.map((handler) => handler.name));
  const has = (shim: Shim, variant: HandlerVariant): boolean =>
    names.has(handlerName(shim.name, settings.suffix, variant));
  const known = [...shims.values()];
  const widened: Settings = {
    ...settings,
    shims: [
      ...settings.shims,
      ...known.filter((shim) => has(shim, 'plain') && !settings.shims.includes(shim)),
    ],
    debug: settings.debug || known.some((shim) => has(shim, 'debug')),
    devkit: settings.devkit || known.some((shim) => has(shim, 'devkit')),
  };
  const covered = new Set(wantedHandlers(widened).map((handler) => handler.name));
  const custom: CustomRuntime[] = [];
  for (const handler of recorded) {
    const runtime = covered.has(handler.name) ? undefined : await readCustomRuntime(host, handler);
    if (runtime !== undefined) custom.push(runtime);
  }
  return { ...widened, customRuntimes: [...settings.customRuntimes, ...custom] };
}

/** As it was installed; undefined for a base that this version does not know. */
async function readCustomRuntime(host: Host, handler: HandlerEntry): Promise<CustomRuntime | undefined> {
  const base = shims.get(posix.basename(handler.configPath).replace(/^configuration-(.*)\.toml$/, '$1'));
  if (base === undefined) return undefined;
  const dropIn: HostPath = `${posix.dirname(handler.configPath) as HostPath}/config.d/50-overrides.toml`;
  return {
    handler: handler.name,
    base,
    snapshotter: handler.snapshotter,
    pullType: handler.pullType,
    dropIn: (await host.files.read(dropIn))?.toString('utf8'),
  };
}
