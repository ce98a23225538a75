/** What is known about an installation and its nodes at one moment; nothing is changed. */
import { lifecycleLease } from '@kata/kata';
import { selectsNode } from '@kata/node';
import {
  type FleetDaemonSet,
  type FleetNode,
  type LeaseHolder,
  listFleetNodes,
  readFleetDaemonSet,
  readLease,
} from '@kata/kube/fleet';
import { readClaim } from '@kata/rollout';
import type { FleetContext, Installation } from './context.ts';
import { isManaged } from './manage.ts';
import { listRuns, type RecordedRuns } from './list-runs.ts';

export interface FleetFacts extends RecordedRuns {
  readonly installation: Installation;
  readonly isManaged: boolean;
  /** Undefined when it was deleted. */
  readonly daemonSet: FleetDaemonSet | undefined;
  /** In the order of their names. */
  readonly nodes: readonly FleetNode[];
  /** Of the Lease that a run holds. */
  readonly holder: LeaseHolder | undefined;
  readonly now: Date;
}

export async function readFleetFacts(context: FleetContext): Promise<FleetFacts> {
  const { api, installation, clock } = context;
  const { namespace, daemonSet, suffix } = installation;
  const nodes = await listFleetNodes(api);
  return {
    installation,
    isManaged: await isManaged(context),
    daemonSet: await readFleetDaemonSet(api, { namespace, name: daemonSet }),
    nodes: nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...(await listRuns(context)),
    holder: await readLease(api, { namespace, name: lifecycleLease(suffix) }),
    now: clock.now(),
  };
}

/** Those that the DaemonSet selects, and those that a run has not left as it found them. */
export function nodesOf({ nodes, daemonSet, installation }: FleetFacts): readonly FleetNode[] {
  return nodes.filter((node) => {
    if (daemonSet === undefined || selectsNode(daemonSet.selection, node)) return true;
    const claim = readClaim(node);
    return claim?.installation === installation.suffix && claim.phase !== 'completed';
  });
}
