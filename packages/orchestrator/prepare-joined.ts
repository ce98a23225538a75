/** Nodes that joined during a run: those that match its selection, and can be upgraded like the others. */
import { isVerified, type NodeChoice, selectNodes } from '@kata/rollout';
import type { FleetNode } from '@kata/kube/fleet';
import type { FleetContext } from './context.ts';
import type { FleetWatch } from './fleet-watch.ts';
import { isUnprepared } from './is-unprepared.ts';
import { plainViewOf } from './node-views.ts';
import type { RunPlan } from './run-record.ts';

/** A run does not fail because of one that offers nothing, or has no room: it is named, and left alone. */
export async function prepareJoined(
  context: FleetContext,
  plan: RunPlan,
  watch: FleetWatch,
  prepareNode: (node: FleetNode) => Promise<void>,
): Promise<readonly FleetNode[]> {
  const { suffix } = context.installation;
  const { selected, leftAlone } = joinedNodes(plan, watch);
  for (const { node, reason, why } of leftAlone) {
    if (reason === 'not-ready') context.emit(node.name)({ kind: 'node.left-alone', reason: why });
  }
  const joined = selected.filter((node) => !isVerified(plainViewOf(node, watch, suffix)));
  const prepared = await Promise.all(
    joined.map(async (node) => {
      context.emit(node.name)({ kind: 'node.joined' });
      try {
        await prepareNode(node);
        return [node];
      } catch (error) {
        if (!isUnprepared(error)) throw error;
        context.emit(node.name)({ kind: 'node.left-alone', reason: error.message });
        return [];
      }
    }),
  );
  return prepared.flat();
}

/** A node that was replaced under its name is another one. */
function joinedNodes(
  { query, nodes }: RunPlan,
  { nodes: present, daemonSet }: FleetWatch,
): NodeChoice<FleetNode> {
  const none = { selected: [], leftAlone: [] };
  if (query === undefined || daemonSet === undefined) return none;
  const known = new Set(nodes.map(({ uid }) => uid));
  const others = present.filter(({ uid }) => !known.has(uid));
  // Of a query by name, that node may be gone.
  const isThere = query.name === '' || others.some(({ name }) => name === query.name.trim());
  return isThere ? selectNodes(others, query, daemonSet.selection) : none;
}
