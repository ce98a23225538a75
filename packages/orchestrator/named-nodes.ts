/** The nodes that a user names. */
import { exitCodes, KataError } from '@kata/core';
import type { FleetNode } from '@kata/kube/fleet';

/** In the order of their names, each once. @throws KataError `KATA_LIFECYCLE_NO_NODE` */
export function findNodes(nodes: readonly FleetNode[], names: readonly string[]): readonly FleetNode[] {
  const wanted = new Set(names);
  const missing = [...wanted].filter((name) => !nodes.some((node) => node.name === name));
  if (missing.length > 0) {
    throw new KataError('KATA_LIFECYCLE_NO_NODE', `the cluster has no node ${quoted(missing)}`, {
      exitCode: exitCodes.usage,
      hint: 'list the nodes: kata-lifecycle nodes',
    });
  }
  return nodes.filter(({ name }) => wanted.has(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
