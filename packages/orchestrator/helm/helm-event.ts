/** The events of operations on a Helm release, and the message for users of each. */
import type { ProgressEvent } from '@kata/report';
import type { Revision } from './release.ts';

interface OfRelease {
  /** `namespace/name` */
  readonly release: string;
  /** The newest after the event. */
  readonly revision: number;
}

export type HelmEvent =
  /** Another Helm may be changing it. */
  | (OfRelease & {
      readonly kind: 'helm.awaited';
      readonly status: Revision['status'];
      readonly waitMs: number;
    })
  /** An interrupted change was undone, or an interrupted rollback finished. */
  | (OfRelease & {
      readonly kind: 'helm.recovered';
      readonly interrupted: Pick<Revision, 'revision' | 'status'>;
      /** Whose content is deployed again. */
      readonly to: number;
    })
  | (OfRelease & { readonly kind: 'helm.unchanged'; readonly version: string })
  | (OfRelease & {
      readonly kind: 'helm.upgraded';
      readonly from: { readonly revision: number; readonly version: string };
      readonly version: string;
      /** Names of the user's values that changed. */
      readonly changedValues: readonly string[];
    })
  | (OfRelease & { readonly kind: 'helm.rolled-back'; readonly to: number; readonly version: string })
  /** From the record of a run, because its revision is gone. */
  | (OfRelease & { readonly kind: 'helm.restored'; readonly to: number; readonly version: string });

export function helmProgress(event: HelmEvent): ProgressEvent {
  return { kind: 'note', message: describe(event) };
}

function describe(event: HelmEvent): string {
  const name = `Helm release ${event.release}`;
  const now = `revision ${event.revision}`;
  switch (event.kind) {
    case 'helm.awaited': {
      const seconds = Math.round(event.waitMs / 1000);
      return `${name}: ${now} is ${event.status}; waiting up to ${seconds} s in case another Helm is changing it …`;
    }
    case 'helm.recovered': {
      const { revision, status } = event.interrupted;
      return `${name}: revision ${revision} (${status}) was interrupted; ${now} is revision ${event.to} again`;
    }
    case 'helm.unchanged':
      return `${name}: ${now} already is chart ${event.version} with these values; nothing to do`;
    case 'helm.upgraded': {
      const values =
        event.changedValues.length === 0
          ? 'your values are unchanged'
          : `changed values: ${event.changedValues.join(', ')}`;
      return `${name}: upgraded from chart ${event.from.version} (revision ${event.from.revision}) to ${event.version} (${now}); ${values}`;
    }
    case 'helm.rolled-back':
      return `${name}: rolled back to revision ${event.to} (chart ${event.version}), as ${now}`;
    case 'helm.restored':
      return `${name}: restored chart ${event.version} and the values of revision ${event.to}, as ${now}`;
  }
}
