/** What a run records on a node: its phase and all that it changed, so that any process can go on or undo it. */
import { annotations } from '@kata/kata';
import * as z from 'zod';
import { type Phase, phases } from './phase.ts';

const taintSchema = z.looseObject({ key: z.string(), effect: z.string() });

const claimSchema = z.object({
  run: z.string(),
  /** Suffix of the installation that the run manages. */
  installation: z.string(),
  /** Each process that claims the node of another one raises it. */
  epoch: z.int().min(1),
  phase: z.enum(Object.keys(phases) as Phase[]),
  /** Start of the phase, or of this epoch; ISO 8601. */
  since: z.iso.datetime(),
  /** As found by the first claim. */
  before: z.object({
    approved: z.string().nullable(),
    release: z.string().nullable(),
    /** By an administrator: it stays cordoned. */
    wasCordoned: z.boolean(),
    /** An earlier run left it cordoned, on a release that nobody has verified. */
    wasUnverified: z.boolean().exactOptional(),
  }),
  /** The release that the node offered; null until it has offered one. */
  target: z.string().nullable(),
  /** The installer's pod that has not seen the approval yet; null without a pod. */
  podUid: z.string().nullable(),
  /** `attempt` of the installer's status when the release was approved. */
  attempt: z.int().min(0),
  /** Taints that were removed, to restore. */
  lifted: z.array(taintSchema),
  /** Verification pods so far, the present one included. */
  verifications: z.int().min(0),
  /** Pods of the present phase that were ended from outside. */
  retries: z.int().min(0),
  /** Rolling back from the payload, because the release in the store cannot be used. */
  isFromPayload: z.boolean(),
  /** Why the node was rolled back, or failed. */
  failure: z.object({ reason: z.string(), message: z.string() }).nullable(),
  /** Why the user's pod fails on the earlier release, too. */
  failureBefore: z.object({ reason: z.string(), message: z.string() }).nullable(),
});

export type Claim = Readonly<z.infer<typeof claimSchema>>;
export type Failure = NonNullable<Claim['failure']>;
export type Taint = Readonly<z.infer<typeof taintSchema>>;

interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
}

/** The text of the annotation: whoever writes tests that it is still this one. */
export function claimText({ annotations: all }: Annotated): string | undefined {
  return all[annotations.lifecycleClaim];
}

/** Undefined without the annotation, or when it is not a claim. */
export function readClaim(node: Annotated): Claim | undefined {
  const text = claimText(node);
  return text === undefined ? undefined : parseClaim(text);
}

export function parseClaim(text: string): Claim | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The annotations of a node have 256 KiB, and a drain may name hundreds of pods. */
const longestMessage = 2000;

export function formatClaim(claim: Claim): string {
  const { failure, failureBefore } = claim;
  return JSON.stringify({ ...claim, failure: shortened(failure), failureBefore: shortened(failureBefore) });
}

function shortened(failure: Failure | null): Failure | null {
  if (failure === null || failure.message.length <= longestMessage) return failure;
  return { ...failure, message: `${failure.message.slice(0, longestMessage - 1)}…` };
}
