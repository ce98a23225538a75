/** All nodes of the cluster: what is installed, offered and approved, and which of them need attention. */
import { instanceLabel, labels } from '@kata/kata';
import type { FleetNode } from '@kata/kube/fleet';
import { approvedRelease, readStatus, selectsNode } from '@kata/node';
import { formatTable } from '@kata/report';
import type { FleetContext } from './context.ts';
import { type FleetFacts, readFleetFacts } from './fleet-facts.ts';

export interface ListedNode {
  readonly node: string;
  /** By the installer's DaemonSet. */
  readonly isSelected: boolean;
  readonly isReady: boolean;
  readonly installed: string | null;
  readonly offered: string | null;
  readonly approved: string | null;
  readonly installerPhase: string | null;
  readonly notes: readonly NodeNote[];
}

export type NodeNote =
  | 'not-ready'
  /** Its installer has not reported yet which release it offers. */
  | 'waits-for-offer'
  /** Another release than the installed one is offered. */
  | 'offer-waits'
  /** No DaemonSet selects it, and it still has labels of the installation. */
  | 'marked';

const texts: Readonly<Record<NodeNote, string>> = {
  'not-ready': 'NotReady',
  'waits-for-offer': 'waits for an offer of its installer',
  'offer-waits': 'an offer waits for approval',
  marked: 'a removal left its labels: see cleanup.node in the README of charts/kata-deploy',
};

export async function listFleet(context: FleetContext): Promise<readonly ListedNode[]> {
  const facts = await readFleetFacts(context);
  return facts.nodes.map((node) => listedOf(node, facts));
}

function listedOf(node: FleetNode, { daemonSet, installation }: FleetFacts): ListedNode {
  const { suffix } = installation;
  const status = readStatus(node, suffix);
  const isSelected = daemonSet !== undefined && selectsNode(daemonSet.selection, node);
  // Without a DaemonSet nobody knows the suffix.
  const isMarked =
    daemonSet === undefined
      ? Object.keys(node.labels).some((key) => key.startsWith(labels.instancePrefix))
      : node.labels[instanceLabel(suffix)] !== undefined;
  const { current, offered } = status ?? {};
  const notes: readonly (readonly [NodeNote, boolean])[] = [
    ['not-ready', !node.isReady],
    ['waits-for-offer', isSelected && offered === undefined],
    ['offer-waits', isSelected && offered !== undefined && offered !== current],
    ['marked', !isSelected && isMarked],
  ];
  return {
    node: node.name,
    isSelected,
    isReady: node.isReady,
    installed: current ?? null,
    offered: offered ?? null,
    approved: approvedRelease(node, suffix) ?? null,
    installerPhase: status?.phase ?? null,
    notes: notes.flatMap(([note, holds]) => (holds ? [note] : [])),
  };
}

export function formatFleet(nodes: readonly ListedNode[]): string {
  const rows = nodes.map(({ node, isSelected, installed, offered, approved, installerPhase, notes }) => [
    node,
    isSelected ? 'yes' : 'no',
    installed ?? '-',
    offered ?? '-',
    approved ?? '-',
    installerPhase ?? '-',
    notes.map((note) => texts[note]).join('; '),
  ]);
  return formatTable([
    ['NODE', 'SELECTED', 'INSTALLED', 'OFFERED', 'APPROVED', 'INSTALLER', 'NOTE'],
    ...rows,
  ]);
}
