/** Lets a run change the cluster only as long as it has the Lease. */
import type { FleetContext } from './context.ts';
import type { KeptLease } from './keep-lease.ts';

/**
 * The Lease is checked before each request that changes something. Also before a repeated one: a process that is suspended
 * loses its connections, and repeats its last request when it continues.
 */
export function guardWrites(context: FleetContext, lease: Pick<KeptLease, 'check'>): FleetContext {
  const beforeWrite = async (): Promise<void> => await lease.check();
  return { ...context, api: context.api.with({ beforeWrite }) };
}
