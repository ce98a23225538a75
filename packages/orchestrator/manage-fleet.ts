/** The commands that begin and end management; without it, each installer installs what its payload has. */
import { exitCodes, KataError } from '@kata/core';
import { approvedAnnotation } from '@kata/kata';
import { deleteConfigMap, type FleetNode, listFleetNodes } from '@kata/kube/fleet';
import { approvedRelease, readStatus } from '@kata/node';
import { wouldChange } from './approve-present.ts';
import { upgradeCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { guardWrites } from './guard-writes.ts';
import { holdLease } from './hold-lease.ts';
import { isManaged, manage, managingConfigMap } from './manage.ts';
import { unfinished } from './open-run.ts';
import { findOpenRun } from './list-runs.ts';
import { writeApproval } from './write-approval.ts';

export interface Managed {
  readonly wasManaged: boolean;
  /** Nodes whose approval was written, or removed. */
  readonly nodes: readonly string[];
}

/** Approves on every node what it has, also on one that an administrator holds, and opens the gate for nothing else. */
export async function manageFleet(unguarded: FleetContext): Promise<Managed> {
  await using lease = await holdLease(unguarded, { isForced: false });
  const context = guardWrites(unguarded, lease);
  const wasManaged = await isManaged(context);
  return { wasManaged, nodes: await manage(context, await listFleetNodes(context.api)) };
}

/**
 * Approvals are removed, too: without management they have no effect, and later they would be wrong. Can be repeated after
 * an interruption. @throws KataError `KATA_LIFECYCLE_HELD` while a node would install another release
 */
export async function unmanageFleet(unguarded: FleetContext): Promise<Managed> {
  await using lease = await holdLease(unguarded, { isForced: false });
  const context = guardWrites(unguarded, lease);
  const open = await findOpenRun(context);
  if (open !== undefined) throw unfinished(context, open);
  const nodes = await listFleetNodes(context.api);
  const wasManaged = await isManaged(context);
  if (wasManaged) refuseHeld(context, nodes);
  // First the gate: a node without approval would be held.
  await deleteConfigMap(context.api, managingConfigMap(context));
  const { suffix } = context.installation;
  const removed: string[] = [];
  for (const node of nodes) {
    if (approvedRelease(node, suffix) === undefined) continue;
    if (await writeApproval(context, node.name, { annotations: { [approvedAnnotation(suffix)]: null } })) {
      removed.push(node.name);
    }
  }
  return { wasManaged, nodes: removed };
}

function refuseHeld({ installation }: FleetContext, nodes: readonly FleetNode[]): void {
  const held = nodes.flatMap((node) => {
    const status = readStatus(node, installation.suffix);
    if (status === undefined || !wouldChange(status)) return [];
    const { current = 'no release', offered = 'unknown' } = status;
    return [{ node: node.name, text: `${node.name} (has ${current}, offered ${offered})` }];
  });
  if (held.length === 0) return;
  throw new KataError(
    'KATA_LIFECYCLE_HELD',
    `without management these nodes would install another release, unverified: ${held.map(({ text }) => text).join(', ')}`,
    {
      exitCode: exitCodes.conflict,
      hint: `upgrade them: ${upgradeCommand(installation, 'VERSION')}; or return the Helm release to what they have: helm rollback ${installation.release} REVISION --namespace ${installation.namespace}`,
      details: { nodes: held.map(({ node }) => node) },
    },
  );
}

export function describeManaged({ wasManaged, nodes }: Managed): string {
  if (wasManaged) return 'managed already: nothing was changed';
  return nodes.length === 0
    ? 'managed: only runs change nodes now'
    : `managed: only runs change nodes now; approved what they have: ${nodes.join(', ')}`;
}

export function describeUnmanaged({ wasManaged, nodes }: Managed): string {
  const removed = nodes.length === 0 ? [] : [`removed the approvals of ${nodes.join(', ')}`];
  const head = wasManaged
    ? 'not managed any more: each node installs what Helm installs'
    : 'it was not managed';
  return [head, ...removed].join('; ');
}
