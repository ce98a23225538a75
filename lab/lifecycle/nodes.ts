/** Creates and boots the nodes of a lab, and waits until they are ready. */
import { waitFor } from '@kata/core';
import * as z from 'zod';
import { issueKubeletCertificate } from '../cluster/certificates.ts';
import { nodeFiles } from '../cluster/node-files.ts';
import { engineOf } from '../engines/catalog.ts';
import { routePods } from '../namespace-host/network.ts';
import type { LabPlace, NodeSpec } from '../lab.ts';
import { bootMachine } from '../machines/boot-machine.ts';
import { prepareMachine } from '../machines/prepare-machine.ts';
import { kubectl } from './api-client.ts';

export async function prepareNode(place: LabPlace, node: NodeSpec): Promise<void> {
  await issueKubeletCertificate(place, node);
  await prepareMachine({
    place,
    name: node.name,
    files: await nodeFiles(place, node),
  });
}

export async function bootNode(place: LabPlace, node: NodeSpec, namespaceHostPid: number): Promise<void> {
  const engineTool = engineOf(node.engine).tool;
  await routePods(namespaceHostPid, node);
  await bootMachine({
    place,
    name: node.name,
    namespaceHostPid,
    tools: engineTool === undefined ? ['kube', 'cni'] : ['kube', 'cni', engineTool],
  });
}

const nodeListSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
        nodeInfo: z.object({ containerRuntimeVersion: z.string(), kubeletVersion: z.string() }).optional(),
      }),
    }),
  ),
});

export interface ClusterNode {
  readonly name: string;
  readonly ready: boolean;
  readonly engineVersion: string;
}

export async function listClusterNodes(place: LabPlace): Promise<readonly ClusterNode[]> {
  const text = await kubectl(place, ['get', 'nodes', '--output=json', '--request-timeout=5s']);
  return nodeListSchema.parse(JSON.parse(text)).items.map((item) => ({
    name: item.metadata.name,
    ready: item.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
    engineVersion: item.status.nodeInfo?.containerRuntimeVersion ?? '',
  }));
}

export async function waitUntilReady(
  place: LabPlace,
  names: readonly string[],
  say: (detail: string) => void,
): Promise<void> {
  const options = {
    what: `nodes ${names.join(', ')} to become ready`,
    timeoutMs: 120_000,
    hint: `lab logs ${names[0] ?? ''} kubelet --name ${place.name}`,
  };
  await waitFor(options, async () => {
    const nodes = await listClusterNodes(place);
    const ready = names.filter((name) => nodes.some((node) => node.name === name && node.ready));
    say(`${ready.length} of ${names.length}`);
    return ready.length === names.length ? true : undefined;
  });
}
