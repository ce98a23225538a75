/** The approval gate: what a node may do that is under lifecycle management, or that an administrator holds. Pure. */
import { versionOf } from './version-of.ts';

export interface GateView {
  readonly isManaged: boolean;
  /** What the node's annotation names: a release id or a version. */
  readonly approved: string | undefined;
  /** Release ids that the managing ConfigMap lists, for nodes that nobody approved one by one. */
  readonly accepted: readonly string[];
  readonly payload: { readonly version: string; readonly release: string };
  /** In the node's store. */
  readonly releases: readonly string[];
  readonly current: string | undefined;
  readonly previous: string | undefined;
  /** Where the link `current` leads. */
  readonly linked: string | undefined;
  /** A run was interrupted. */
  readonly isInterrupted: boolean;
  /** Where an administrator keeps a node that is not managed. */
  readonly hold: string | undefined;
}

export type GateDecision =
  | { readonly kind: 'install' }
  /** The release is in the store; it may be the current one, then what was interrupted is finished. */
  | { readonly kind: 'switch'; readonly release: string }
  | {
      readonly kind: 'hold';
      readonly reason: HoldReason;
      readonly because: string;
      /** What is in force and has to be made whole; undefined when nothing is to be done. */
      readonly finish: string | undefined;
    };

export type HoldReason = 'NotApproved' | 'ApprovedReleaseMissing' | 'HeldByAdministrator';

export function decideAtGate(view: GateView): GateDecision {
  const { isManaged, hold, approved, payload } = view;
  if (!isManaged) return hold === undefined ? { kind: 'install' } : holdBack(hold);
  if (approved === undefined) {
    if (isNewNode(view) && view.accepted.includes(payload.release)) return { kind: 'install' };
    const because = 'no release is approved for this node';
    return { kind: 'hold', reason: 'NotApproved', because, finish: unfinished(view) };
  }
  if (approved === payload.release) return { kind: 'install' };
  const release = findRelease(view, approved);
  if (release === payload.release) return { kind: 'install' };
  if (release !== undefined) return { kind: 'switch', release };
  return {
    kind: 'hold',
    reason: 'ApprovedReleaseMissing',
    because: `approved is ${approved}, which is neither this payload (${payload.release}) nor in the node's store`,
    finish: unfinished(view),
  };
}

function holdBack(release: string): GateDecision {
  return {
    kind: 'hold',
    reason: 'HeldByAdministrator',
    because: `an administrator holds this node on ${release}; to let it have the payload: kata-deploy resume`,
    finish: release,
  };
}

/** It has no Kata but, at most, what the payload brings: as a node that an autoscaler made. */
function isNewNode({ current, linked, payload }: GateView): boolean {
  return [current, linked].every((release) => release === undefined || release === payload.release);
}

/** A version is satisfied by the current release, then by the payload, then by the only one of the store or the one before. */
function findRelease(view: GateView, approved: string): string | undefined {
  const { releases, current, previous, payload } = view;
  if (releases.includes(approved)) return approved;
  const found = releases.filter((id) => versionOf(id) === approved);
  if (current !== undefined && found.includes(current)) return current;
  if (payload.version === approved) return payload.release;
  if (found.length <= 1) return found[0];
  return previous !== undefined && found.includes(previous) ? previous : undefined;
}

/** Links and journal count, not the record alone. Nothing new comes: it is what the links lead to. */
function unfinished({ isInterrupted, linked, current, releases }: GateView): string | undefined {
  if (linked === undefined || !releases.includes(linked)) return undefined;
  return isInterrupted || linked !== current ? linked : undefined;
}
