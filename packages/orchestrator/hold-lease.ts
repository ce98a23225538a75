/** The Lease of a run: of one CLI process, or of one workflow with all its pods. */
import { lifecycleLease } from '@kata/kata';
import type { FleetContext } from './context.ts';
import { KeptLease } from './keep-lease.ts';
import { processHolder, workflowHolder } from './lease-holder.ts';

/** Long enough for a pause of the network, short enough for whoever waits. */
const processSeconds = 15;
/** Between two pods of a workflow nobody renews it. */
const workflowSeconds = 120;

export interface LeaseRequest {
  /** Take the place of a living run. */
  readonly isForced: boolean;
  /** Uid of the workflow; left out: this process holds it alone. */
  readonly workflow?: string | undefined;
}

/** @throws KataError `KATA_LIFECYCLE_RUNNING` when another run holds it. */
export async function holdLease(
  context: FleetContext,
  { isForced, workflow }: LeaseRequest,
): Promise<KeptLease> {
  const isShared = workflow !== undefined;
  return await KeptLease.acquire(
    context,
    {
      name: lifecycleLease(context.installation.suffix),
      holder: isShared ? workflowHolder(workflow) : processHolder(),
      durationSeconds: isShared ? workflowSeconds : processSeconds,
    },
    { isForced, isShared },
  );
}
