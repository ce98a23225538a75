/** Plans an upgrade: which nodes, in which order, and what happens to each. Nothing is changed. */
import { exitCodes, KataError } from '@kata/core';
import { type FleetDaemonSet, type FleetNode, listFleetNodes, readFleetDaemonSet } from '@kata/kube/fleet';
import { approvedRelease, readStatus, selectsNode } from '@kata/node';
import {
  foreseeNode,
  type LeftAloneNode,
  type NodeQuery,
  parseVerificationPod,
  type Policy,
  type Prospect,
  readClaim,
  selectNodes,
} from '@kata/rollout';
import { approvalToWrite } from './approve-present.ts';
import { checkRoom } from './check-room.ts';
import { checkVerification } from './check-verification.ts';
import type { FleetContext } from './context.ts';
import type { HelmForesight } from './foresee-helm.ts';
import { isManaged } from './manage.ts';
import { runId } from './run-id.ts';
import type { RunPlan } from './run-record.ts';
import type { RunValues } from './run-values.ts';

export interface UpgradeRequest {
  readonly query: NodeQuery;
  readonly policy: Policy;
  readonly verification: RunPlan['verification'];
  readonly helm: Omit<NonNullable<RunPlan['helm']>, 'before'> & Pick<RunValues, 'setValues'>;
  readonly foresight: HelmForesight;
}

export interface PlannedNode {
  readonly node: string;
  readonly current: string | null;
  readonly prospect: Prospect;
}

export interface PlannedUpgrade {
  readonly plan: RunPlan;
  readonly values: RunValues;
  /** Those of the plan, in its order. */
  readonly nodes: readonly PlannedNode[];
  /** They match, and cannot be upgraded. */
  readonly leftAlone: readonly LeftAloneNode<FleetNode>[];
  readonly foresight: HelmForesight;
  readonly management: {
    readonly isManaged: boolean;
    /** Nodes for which the run will approve what they have. */
    readonly willApprove: readonly string[];
    /** Nodes that are held, because nothing is approved for them. */
    readonly withoutApproval: readonly string[];
  };
  /** What only the creation of the verification pods will tell. */
  readonly unchecked: readonly string[];
}

/** @throws KataError for all that can be found out before the first change. */
export async function planUpgrade(context: FleetContext, request: UpgradeRequest): Promise<PlannedUpgrade> {
  const { api, installation, clock } = context;
  parseVerificationPod(request.verification.pod);
  const daemonSet = await requireDaemonSet(context);
  const all = await listFleetNodes(api);
  const { selected, leftAlone } = selectNodes(all, request.query, daemonSet.selection);
  const created = clock.now().toISOString();
  const { foresight, helm, policy, verification } = request;
  const { revision, chart, values: before } = foresight.before;
  const id = runId(created);
  const isBeforeHelm = foresight.kind !== 'unchanged';
  const { release, daemonSet: name, suffix } = installation;
  const nodes = selected.map((node) => planNode(node, request, suffix));
  const check = { id, verification, nodes: selected, isBeforeHelm };
  const { unchecked, needs } = await checkVerification(context, check);
  const changed = selected.filter((_, i) => nodes[i]?.prospect !== 'right');
  await checkRoom(context, { nodes: changed, needs, isDrained: policy.drain !== null });
  return {
    ...{ leftAlone, foresight, nodes, unchecked },
    management: await foreseeManagement(context, all, daemonSet),
    plan: {
      ...{ id, intent: 'upgrade', created, release, daemonSet: name, suffix, policy, verification },
      query: request.query,
      podLabels: daemonSet.matchLabels,
      nodes: selected.map((node) => ({ name: node.name, uid: node.uid })),
      helm: { chart: helm.chart, version: helm.version, before: { revision, chart } },
    },
    values: { setValues: helm.setValues, before },
  };
}

/** @throws KataError `KATA_LIFECYCLE_NO_INSTALLATION` */
export async function requireDaemonSet({ api, installation }: FleetContext): Promise<FleetDaemonSet> {
  const { namespace, daemonSet: name } = installation;
  const daemonSet = await readFleetDaemonSet(api, { namespace, name });
  if (daemonSet !== undefined) return daemonSet;
  throw new KataError('KATA_LIFECYCLE_NO_INSTALLATION', `DaemonSet "${namespace}/${name}" was deleted`, {
    exitCode: exitCodes.precondition,
    hint: 'install kata-deploy first; see its chart',
  });
}

function planNode(node: FleetNode, { helm, foresight }: UpgradeRequest, suffix: string): PlannedNode {
  const [claim, status] = [readClaim(node), readStatus(node, suffix)];
  const expected = {
    version: helm.version,
    isOffered: foresight.kind === 'unchanged',
    hasOtherValues: foresight.changedValues.length > 0,
  };
  const prospect = foreseeNode({ claim, status, approved: approvedRelease(node, suffix) }, expected);
  return { node: node.name, current: status?.current ?? null, prospect };
}

async function foreseeManagement(
  context: FleetContext,
  all: readonly FleetNode[],
  { selection }: FleetDaemonSet,
): Promise<PlannedUpgrade['management']> {
  const { suffix } = context.installation;
  const managed = await isManaged(context);
  const names = (nodes: readonly FleetNode[]): readonly string[] => nodes.map(({ name }) => name).toSorted();
  const isWithout = (node: FleetNode): boolean =>
    selectsNode(selection, node) && approvedRelease(node, suffix) === undefined;
  return {
    isManaged: managed,
    willApprove: managed ? [] : names(all.filter((node) => approvalToWrite(node, suffix) !== undefined)),
    withoutApproval: managed ? names(all.filter(isWithout)) : [],
  };
}
