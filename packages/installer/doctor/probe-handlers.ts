/** Asks the model of Kata's loaders about the configurations of installed handlers. */
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { type OwnershipRecord, readRecord } from '../record.ts';
import { readHandler } from '../verification/handler-facts.ts';
import type { RefusedHandler } from './facts.ts';

/** None where nothing is installed. */
export async function readRefused(host: Host, prefix: HostPath): Promise<readonly RefusedHandler[]> {
  const { handlers, current } = (await readableRecord(host, prefix)) ?? { handlers: [], current: undefined };
  const version = current?.slice(0, current.lastIndexOf('-'));
  const found: RefusedHandler[] = [];
  for (const handler of handlers) {
    const { configuration } = await readHandler({ host, prefix, version }, handler);
    const refusals = configuration.kind === 'read' ? configuration.refusals : [];
    if (refusals.length > 0) found.push({ handler: handler.name, refusals });
  }
  return found;
}

/** Undefined also for one that is damaged: every other command says so. */
async function readableRecord(host: Host, prefix: HostPath): Promise<OwnershipRecord | undefined> {
  try {
    return await readRecord(host, prefix);
  } catch (error) {
    if (error instanceof KataError) return undefined;
    throw error;
  }
}
