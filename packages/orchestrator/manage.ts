/** Puts an installation under management: first every node gets approved what it has, and only then others are held. */
import { acceptedKey, acceptedReleases, readStatus } from '@kata/node';
import { approvedAnnotation, lifecycleConfigMap } from '@kata/kata';
import {
  createConfigMap,
  type FleetNode,
  listFleetNodes,
  readConfigMap,
  updateConfigMap,
} from '@kata/kube/fleet';
import { approvalToWrite } from './approve-present.ts';
import type { FleetContext } from './context.ts';
import { writeApproval } from './write-approval.ts';

export async function isManaged(context: FleetContext): Promise<boolean> {
  return (await readConfigMap(context.api, managingConfigMap(context))) !== undefined;
}

/** Returns the nodes that it approved a release for. */
export async function manage(context: FleetContext, nodes: readonly FleetNode[]): Promise<readonly string[]> {
  if (await isManaged(context)) return [];
  const { suffix } = context.installation;
  const approved: string[] = [];
  const accepted = new Set<string>();
  for (const node of nodes) {
    const current = readStatus(node, suffix)?.current;
    if (current !== undefined) accepted.add(current);
    const isNew = await writeApproval(context, node.name, (seen) => {
      const release = approvalToWrite(seen, suffix);
      return release === undefined ? {} : { annotations: { [approvedAnnotation(suffix)]: release } };
    });
    if (isNew) approved.push(node.name);
  }
  const data = { [acceptedKey]: [...accepted].toSorted().join('\n') };
  const labels = { 'app.kubernetes.io/managed-by': context.api.client.name };
  await createConfigMap(context.api, managingConfigMap(context), { labels, data });
  return approved;
}

/** New nodes may install these releases: they were verified on others. Somebody may have ended the management meanwhile. */
export async function accept(context: FleetContext, releases: readonly string[]): Promise<void> {
  if (!(await isManaged(context))) await manage(context, await listFleetNodes(context.api));
  await updateConfigMap(context.api, managingConfigMap(context), (data) => {
    const all = new Set([...acceptedReleases(data), ...releases]);
    return { ...data, [acceptedKey]: [...all].toSorted().join('\n') };
  });
}

export function managingConfigMap({ installation }: FleetContext): {
  readonly namespace: string;
  readonly name: string;
} {
  const { namespace, suffix } = installation;
  return { namespace, name: lifecycleConfigMap(suffix) };
}
