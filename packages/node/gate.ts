/** The approval gate: what a node may install that is under lifecycle management or held by an administrator. Pure. */
import { versionOf } from './version-of.ts';

export interface GateView {
  readonly isManaged: boolean;
  /** What the node's annotation names: a release id or a version. */
  readonly approved: string | undefined;
  /** Release ids that the managing ConfigMap accepts for nodes without an approval of their own. */
  readonly accepted: readonly string[];
  readonly payload: { readonly version: string; readonly release: string };
  /** In the node's store. */
  readonly releases: readonly string[];
  readonly current: string | undefined;
  readonly previous: string | undefined;
  /** Target of the link `current`. */
  readonly linked: string | undefined;
  /** A run was interrupted. */
  readonly isInterrupted: boolean;
  /** The release on which an administrator holds a node that is not managed. */
  readonly hold: string | undefined;
}

export type GateDecision =
  | { readonly kind: 'install' }
  /** To a release of the store. When it is the current one, that finishes an interrupted run. */
  | { readonly kind: 'switch'; readonly release: string }
  | {
      readonly kind: 'hold';
      readonly reason: HoldReason;
      readonly because: string;
      /** The active release, if an interrupted switch to it must be finished. */
      readonly finish: string | undefined;
    };

export type HoldReason = 'NotApproved' | 'ApprovedReleaseMissing' | 'HeldByAdministrator';

export function decideAtGate(view: GateView): GateDecision {
  const { isManaged, hold, approved, payload } = view;
  if (!isManaged) return hold === undefined ? { kind: 'install' } : holdOn(hold);
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
    because: `the approved release ${approved} is neither this payload (${payload.release}) nor in the store of the node`,
    finish: unfinished(view),
  };
}

function holdOn(release: string): GateDecision {
  return {
    kind: 'hold',
    reason: 'HeldByAdministrator',
    because: `an administrator holds this node on ${release}; to install the payload: kata-deploy resume`,
    finish: release,
  };
}

/** It has no release but, at most, that of the payload, such as a node that an autoscaler added. */
function isNewNode({ current, linked, payload }: GateView): boolean {
  return [current, linked].every((release) => release === undefined || release === payload.release);
}

/**
 * A version is satisfied by the current release, else by the payload, else by the only release of that version in the
 * store or, of several, by the previous one.
 */
function findRelease(view: GateView, approved: string): string | undefined {
  const { releases, current, previous, payload } = view;
  if (releases.includes(approved)) return approved;
  const found = releases.filter((id) => versionOf(id) === approved);
  if (current !== undefined && found.includes(current)) return current;
  if (payload.version === approved) return payload.release;
  if (found.length <= 1) return found[0];
  return previous !== undefined && found.includes(previous) ? previous : undefined;
}

/** The link decides: the record may be ahead of it. */
function unfinished({ isInterrupted, linked, current, releases }: GateView): string | undefined {
  if (linked === undefined || !releases.includes(linked)) return undefined;
  return isInterrupted || linked !== current ? linked : undefined;
}
