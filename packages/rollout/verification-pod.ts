/** Renders the user's verification pod for one node. */
import { bindToNode } from './bind-to-node.ts';
import { fillHostname } from './fill-hostname.ts';
import type { VerificationPod } from './parse-verification-pod.ts';
import { replacePlaceholders } from './placeholders.ts';
import { tolerateTaints } from './tolerate-taints.ts';
import type { SeenTaint } from './tolerations.ts';

export interface VerifiedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly SeenTaint[];
}

export interface VerificationPlace {
  readonly node: VerifiedNode;
  readonly namespace: string;
  /** Unique: of one attempt. */
  readonly name: string;
}

/** A complete Pod for the API. */
export interface VerificationManifest {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/**
 * Fills the placeholders, sets name and namespace, and adds what the user left out: the binding to the node, tolerations
 * of its cordon and taints, and `restartPolicy: Never`. @throws KataError `KATA_ROLLOUT_POD_INVALID`
 */
export function renderVerificationPod(pod: VerificationPod, place: VerificationPlace): VerificationManifest {
  const { node, name, namespace } = place;
  const compared = fillHostname(pod.template.spec ?? {}, node);
  const { metadata, spec, ...others } = replacePlaceholders(
    { ...pod.template, spec: compared },
    { NODE: node.name, TEST_POD: name },
  );
  const { annotations, ...identity } = metadata ?? {};
  return {
    ...others,
    metadata: { ...identity, ...(annotations ? { annotations } : {}), name, namespace },
    spec: {
      ...spec,
      ...bindToNode(spec, node.name),
      tolerations: tolerateTaints(spec.tolerations ?? [], node.taints),
      restartPolicy: spec.restartPolicy ?? 'Never',
    },
  };
}
