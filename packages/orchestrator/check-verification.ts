/** Before the first cordon: whether the user's pod can be made for every node, and whether the API server takes it. */
import { exitCodes, KataError } from '@kata/core';
import { checkPod, type FleetNode, type PodCheck, type PodNeeds } from '@kata/kube/fleet';
import { parseVerificationPod, readClaim, wavesOf } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import type { RunPlan } from './run-record.ts';
import { verificationIdentity, verificationManifest } from './verification-manifest.ts';

export interface VerificationCheck {
  readonly id: string;
  readonly verification: RunPlan['verification'];
  readonly nodes: readonly FleetNode[];
  /** Helm will change the release: a RuntimeClass that is missing now may come with it. */
  readonly isBeforeHelm: boolean;
}

export interface VerificationChecked {
  /** What only the creation of the pods will tell. */
  readonly unchecked: readonly string[];
  /** Of accepted pods, by node. */
  readonly needs: ReadonlyMap<string, PodNeeds>;
}

/** Requests at a time. */
const parallel = 8;
const noRuntimeClass = /RuntimeClass "[^"]*" not found/;
/** In the message; the details have all. */
const mostNamed = 3;

/**
 * @throws KataError `KATA_ROLLOUT_POD_INVALID`, or `KATA_LIFECYCLE_POD_REFUSED` with the reason for each node.
 */
export async function checkVerification(
  { api }: FleetContext,
  { id, verification, nodes, isBeforeHelm }: VerificationCheck,
): Promise<VerificationChecked> {
  const template = parseVerificationPod(verification.pod);
  const { namespace } = verification;
  const manifests = nodes.map((node) => {
    const number = (readClaim(node)?.verifications ?? 0) + 1;
    const manifest = verificationManifest(template, { run: id, node, namespace, number });
    const { annotation, value } = verificationIdentity({ node: node.name, number });
    const annotations = { ...manifest.metadata.annotations, [annotation]: value };
    return { node: node.name, manifest: { ...manifest, metadata: { ...manifest.metadata, annotations } } };
  });
  const checks: { readonly node: string; readonly check: PodCheck }[] = [];
  for (const some of wavesOf(manifests, parallel)) {
    checks.push(
      ...(await Promise.all(
        some.map(async ({ node, manifest }) => ({ node, check: await checkPod(api, manifest) })),
      )),
    );
  }
  const isLater = ({ message }: { readonly message: string }): boolean =>
    isBeforeHelm && noRuntimeClass.test(message);
  const refused = checks.flatMap(({ node, check }) =>
    check.kind === 'refused' && !isLater(check) ? [[node, check.message] as const] : [],
  );
  if (refused.length > 0) throw podRefused(refused);
  const open = checks.flatMap(({ check }) =>
    check.kind === 'accepted' ? [] : withoutPodName(check.message),
  );
  const needs = checks.flatMap(({ node, check }) =>
    check.kind === 'accepted' && check.needs !== undefined ? [[node, check.needs] as const] : [],
  );
  return { unchecked: [...new Set(open)], needs: new Map(needs) };
}

/** The same for every node. */
function withoutPodName(message: string): string {
  return message.replaceAll(/"kata-verify-[^"]*"/g, '"kata-verify-…"');
}

function podRefused(refused: readonly (readonly [string, string])[]): KataError {
  const named = refused.slice(0, mostNamed).map(([node, message]) => `node "${node}": ${message}`);
  const others = refused.length - named.length;
  const all = [...named, ...(others === 0 ? [] : [`and ${others} more nodes`])].join('; ');
  return new KataError(
    'KATA_LIFECYCLE_POD_REFUSED',
    `the API server refuses the verification pod, as a dry run shows: ${all}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'no node was changed; correct the pod, or what refuses it (quota, policy, namespace), then run the same command again',
      details: { nodes: Object.fromEntries(refused) },
    },
  );
}
