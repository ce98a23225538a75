/** The state of a lab: machines from the kernel, nodes from the API server. */
import { findNamespaceHost } from '../namespace-host/namespaces.ts';
import { controlName, type LabPlace, network, nodeAddress } from '../lab.ts';
import { findLeader } from '../machines/boot-machine.ts';
import type { LabRecord } from '../record.ts';
import { type ClusterNode, listClusterNodes } from './nodes.ts';

export interface MachineStatus {
  readonly name: string;
  readonly address: string;
  readonly running: boolean;
  readonly ready: boolean | undefined;
  readonly engine: string;
}

export interface LabStatus {
  readonly name: string;
  readonly phase: 'up' | 'incomplete' | 'stopped';
  readonly api: string;
  readonly registry: string;
  readonly machines: readonly MachineStatus[];
}

export async function readStatus(place: LabPlace, record: LabRecord): Promise<LabStatus> {
  const namespaceHostPid = await findNamespaceHost(place);
  const nodes =
    namespaceHostPid === undefined ? undefined : await listClusterNodes(place).catch(() => undefined);
  const machines: MachineStatus[] = [
    {
      name: controlName,
      address: network.control,
      running: (await findLeader(place, controlName)) !== undefined,
      ready: nodes !== undefined,
      engine: '',
    },
  ];
  for (const node of record.nodes) {
    const seen: ClusterNode | undefined = nodes?.find((other) => other.name === node.name);
    machines.push({
      name: node.name,
      address: nodeAddress(node.index),
      running: (await findLeader(place, node.name)) !== undefined,
      ready: seen?.ready,
      engine: seen === undefined || seen.engineVersion === '' ? node.engine : seen.engineVersion,
    });
  }
  return {
    name: record.name,
    phase: namespaceHostPid === undefined ? 'stopped' : record.complete ? 'up' : 'incomplete',
    api: `https://127.0.0.1:${record.apiPort}`,
    registry: `127.0.0.1:${record.registryPort}`,
    machines,
  };
}
