/** Which nodes a run concerns: those that match what the user gave, without those that no run could upgrade. */
import { exitCodes, KataError } from '@kata/core';
import { labels as names } from '@kata/kata';
import { type Selection, selectsNode } from '@kata/node';
import { type LabelRequirement, matchesLabels, parseLabelSelector } from './label-selector.ts';

/** As a user gives it; blank texts count as not given. */
export interface NodeQuery {
  readonly name: string;
  readonly labelSelector: string;
  readonly taintKey: string;
  readonly taintValue: string;
}

export interface CandidateNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: unknown }[];
  readonly isReady: boolean;
  readonly beingDeleted: boolean;
}

export interface LeftAloneNode<N extends CandidateNode> {
  readonly node: N;
  readonly reason: 'being-deleted' | 'not-selected' | 'not-ready';
  /** Completes "node …". */
  readonly why: string;
}

/** Both in the order of their names. */
export interface NodeChoice<N extends CandidateNode> {
  readonly selected: readonly N[];
  /** Only among those that match the query. */
  readonly leftAlone: readonly LeftAloneNode<N>[];
}

/**
 * All that is given must match; nothing given selects the label of the upgrade window. A cordoned node is a node like any
 * other. `daemonSet` is the installer's.
 * @throws KataError `KATA_ROLLOUT_SELECTOR_INVALID`, or `KATA_ROLLOUT_NO_NODE` for the name of no node
 */
export function selectNodes<N extends CandidateNode>(
  nodes: readonly N[],
  query: NodeQuery,
  daemonSet: Selection,
): NodeChoice<N> {
  const isWanted = wantedBy(query);
  const name = query.name.trim();
  if (name !== '' && !nodes.some((node) => node.name === name)) throw noNode(name);
  const wanted = nodes.filter(isWanted).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const leftAlone = wanted.flatMap((node) => reasonToLeave(node, daemonSet) ?? []);
  const left = new Set(leftAlone.map(({ node }) => node));
  return { selected: wanted.filter((node) => !left.has(node)), leftAlone };
}

function wantedBy(query: NodeQuery): (node: CandidateNode) => boolean {
  const [name, labelSelector, taintKey, taintValue] = [
    query.name.trim(),
    query.labelSelector.trim(),
    query.taintKey.trim(),
    query.taintValue.trim(),
  ];
  if (taintKey === '' && taintValue !== '') throw valueWithoutKey(taintValue);
  if (name === '' && labelSelector === '' && taintKey === '') return isInWindow;
  const requirements: readonly LabelRequirement[] = parseLabelSelector(labelSelector);
  return ({ labels, taints, ...node }) =>
    (name === '' || node.name === name) &&
    matchesLabels(requirements, labels) &&
    (taintKey === '' ||
      taints.some(
        ({ key, value }) => key === taintKey && (taintValue === '' || (value ?? '') === taintValue),
      ));
}

function isInWindow({ labels }: CandidateNode): boolean {
  return labels[names.upgradeWindow] === 'true' || labels[names.upgradeWindowAlias] === 'true';
}

function noNode(name: string): KataError {
  return new KataError('KATA_ROLLOUT_NO_NODE', `the cluster has no node "${name}"`, {
    exitCode: exitCodes.usage,
    hint: 'list the nodes: kubectl get nodes',
  });
}

function valueWithoutKey(value: string): KataError {
  return new KataError(
    'KATA_ROLLOUT_SELECTOR_INVALID',
    `the taint value "${value}" is given without the key of a taint`,
    { exitCode: exitCodes.usage, hint: 'give the key of the taint, too' },
  );
}

function reasonToLeave<N extends CandidateNode>(node: N, daemonSet: Selection): LeftAloneNode<N> | undefined {
  if (node.beingDeleted) return { node, reason: 'being-deleted', why: 'is being deleted' };
  if (!selectsNode(daemonSet, node)) {
    return { node, reason: 'not-selected', why: "is not selected by the installer's DaemonSet" };
  }
  if (!node.isReady) return { node, reason: 'not-ready', why: 'is NotReady' };
  return undefined;
}
