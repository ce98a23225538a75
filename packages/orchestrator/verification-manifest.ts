/** The verification pod of one node, with the label and the annotation by which its run finds it. */
import { lifecycleRunLabel, verificationAnnotation } from '@kata/kata';
import type { PodIdentity, PodManifest } from '@kata/kube/fleet';
import {
  renderVerificationPod,
  type VerificationPod,
  verificationPodName,
  type VerifiedNode,
} from '@kata/rollout';

export interface VerificationOf {
  readonly run: string;
  readonly node: VerifiedNode;
  readonly namespace: string;
  /** Counts the pods of this node. */
  readonly number: number;
}

/** @throws KataError `KATA_ROLLOUT_POD_INVALID` when the user's pod cannot run on this node. */
export function verificationManifest(
  template: VerificationPod,
  { run, node, namespace, number }: VerificationOf,
): PodManifest {
  const name = verificationPodName(node.name, run, number);
  const rendered = renderVerificationPod(template, { node, name, namespace });
  const { labels } = rendered.metadata as { readonly labels?: Readonly<Record<string, string>> };
  const metadata = { ...rendered.metadata, labels: { ...labels, [lifecycleRunLabel]: run } };
  return { ...rendered, metadata };
}

export function verificationIdentity({
  node,
  number,
}: Pick<VerificationOf, 'number'> & { readonly node: string }): PodIdentity {
  return { annotation: verificationAnnotation, value: `${node}/${number}` };
}
