/** Writes a step of the run on its node: one patch, which applies only to the node that the step was computed from. */
import { isDeepStrictEqual } from 'node:util';
import { annotations, approvedAnnotation } from '@kata/kata';
import type { ApiRequests } from '@kata/kube';
import {
  type FleetNode,
  fleetNodeOf,
  jsonPatchType,
  metadataPatch,
  orUndefined,
  type PatchOperation,
} from '@kata/kube/fleet';
import { claimText, formatClaim, phases, type WriteStep } from '@kata/rollout';
import { labelValue } from './label-value.ts';

/** Returns the node as it is then: whoever called looks whether it has the claim. Undefined: it was deleted. */
export async function writeNode(
  api: ApiRequests,
  seen: FleetNode,
  step: WriteStep,
  suffix: string,
): Promise<FleetNode | undefined> {
  const path = `/api/v1/nodes/${seen.name}`;
  return await api.attempt(`change node "${seen.name}"`, async (send) => {
    const found = await orUndefined(send({ method: 'GET', path }));
    if (found === undefined) return undefined;
    const node = fleetNodeOf(found);
    if (!isSame(node, seen, suffix)) return node;
    const body = patchOf(node, step, suffix);
    const changed = await orUndefined(send({ method: 'PATCH', path, body, contentType: jsonPatchType }));
    return changed === undefined ? undefined : fleetNodeOf(changed);
  });
}

/** In everything that steps are computed from. */
function isSame(node: FleetNode, seen: FleetNode, suffix: string): boolean {
  const approved = approvedAnnotation(suffix);
  return (
    node.uid === seen.uid &&
    claimText(node) === claimText(seen) &&
    node.annotations[approved] === seen.annotations[approved] &&
    node.isCordoned === seen.isCordoned &&
    isDeepStrictEqual(node.taints, seen.taints)
  );
}

function patchOf(node: FleetNode, step: WriteStep, suffix: string): readonly PatchOperation[] {
  const { word } = phases[step.claim.phase];
  const version = step.currentVersion;
  const changes = {
    labels: {
      [annotations.upgradeStatus]: labelValue(word),
      ...(version === undefined ? {} : { [annotations.currentVersion]: labelValue(version) }),
    },
    annotations: {
      [annotations.lifecycleClaim]: formatClaim(step.claim),
      [annotations.upgradeStatus]: word,
      [annotations.upgradeStatusAlias]: word,
      ...(version === undefined ? {} : { [annotations.currentVersion]: version }),
      ...(step.approved === undefined ? {} : { [approvedAnnotation(suffix)]: step.approved }),
    },
  };
  return [
    ...metadataPatch(node, changes, { isWhole: true }),
    ...cordonPatch(node, step.isCordoned),
    ...taintsPatch(node, step.taints),
  ];
}

function cordonPatch(node: FleetNode, isCordoned: boolean | undefined): readonly PatchOperation[] {
  if (isCordoned === undefined || isCordoned === node.isCordoned) return [];
  const path = '/spec/unschedulable';
  return [isCordoned ? { op: 'add', path, value: true } : { op: 'remove', path }];
}

function taintsPatch(node: FleetNode, taints: WriteStep['taints']): readonly PatchOperation[] {
  if (taints === undefined || isDeepStrictEqual(taints, node.taints)) return [];
  return [{ op: 'add', path: '/spec/taints', value: taints }];
}
