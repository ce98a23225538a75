/** The approval gate: what a node under lifecycle management may do. */
import { chooseRelease, type Payload } from '@kata/artifacts';
import type { Settings } from './settings/index.ts';
import { wantedComponents } from './wanted-files.ts';

export interface GateView {
  readonly isManaged: boolean;
  /** What the node's annotation names: a release id or a version. */
  readonly approved: string | undefined;
  readonly payload: { readonly version: string; readonly release: string };
  /** In the node's store. */
  readonly releases: readonly string[];
  readonly current: string | undefined;
  readonly previous: string | undefined;
}

export type GateDecision =
  | { readonly kind: 'install' }
  /** The release is in the store; it may be the current one, then nothing changes. */
  | { readonly kind: 'switch'; readonly release: string }
  | { readonly kind: 'hold'; readonly reason: HoldReason; readonly because: string };

export type HoldReason = 'NotApproved' | 'ApprovedReleaseMissing';

export function decideAtGate(view: GateView): GateDecision {
  const { isManaged, payload } = view;
  if (!isManaged) return { kind: 'install' };
  const approved = view.approved?.trim() ?? '';
  if (approved === '') {
    return { kind: 'hold', reason: 'NotApproved', because: 'no release is approved for this node' };
  }
  if (approved === payload.release || approved === payload.version) return { kind: 'install' };
  const release = findRelease(view, approved);
  if (release !== undefined) return { kind: 'switch', release };
  return {
    kind: 'hold',
    reason: 'ApprovedReleaseMissing',
    because: `approved is ${approved}, which is neither this payload (${payload.release}) nor in the node's store`,
  };
}

/** A version may mean several releases: then the one that serves, else the one before, else it must be said exactly. */
function findRelease({ releases, current, previous }: GateView, approved: string): string | undefined {
  if (releases.includes(approved)) return approved;
  const found = releases.filter((id) => versionOf(id) === approved);
  if (found.length <= 1) return found[0];
  return [current, previous].find((id) => id !== undefined && found.includes(id));
}

/** Of a release id. */
export function versionOf(release: string): string {
  return release.replace(/-[0-9a-f]{8}$/, '');
}

/** The id that the payload gets on a node with these settings. */
export function payloadRelease(payload: Payload, settings: Settings): string {
  return chooseRelease(payload.manifest, wantedComponents(settings)).id;
}
