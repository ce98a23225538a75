/** What a run tells whoever watches it, and the line that a person reads of it. */
import type { HostPath } from '@kata/host';
import { type Action, describeAction } from '../state/actions.ts';
import { lostRecordNote } from '../facts/rebuild-record.ts';

export type InstallerEvent =
  | { readonly kind: 'action.started'; readonly action: Action; readonly step: number; readonly of: number }
  | { readonly kind: 'action.done'; readonly action: Action; readonly detail: string }
  /** A pod needs what would go; a later run does it. */
  | { readonly kind: 'action.skipped'; readonly action: Action }
  | { readonly kind: 'undo.started'; readonly reason: string }
  /** It does not answer; `active`: what systemd says of it. */
  | { readonly kind: 'engine.awaited'; readonly unit: string; readonly active: string }
  /** It was lost; see `rebuildRecord`. */
  | { readonly kind: 'record.rebuilt'; readonly prefix: HostPath; readonly current: string | null }
  | ({ readonly kind: 'release.progress' } & ReleaseProgress)
  | { readonly kind: 'files.compared'; readonly release: string; readonly done: number; readonly of: number };

export interface ReleaseProgress {
  readonly release: string;
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

/** For a person who watches. */
export function describeProgress(event: InstallerEvent): string {
  switch (event.kind) {
    case 'action.started':
      return `${describeAction(event.action)} …`;
    case 'action.done':
      return `${describeAction(event.action)}${event.detail === '' ? '' : `: ${event.detail}`}`;
    case 'engine.awaited':
      return `waiting for ${event.unit}, which systemd calls ${event.active} …`;
    case 'action.skipped':
      return `left for a later run, because Kata pods are running: ${describeAction(event.action)}`;
    case 'record.rebuilt':
      return `${event.prefix}: ${lostRecordNote(event.current)}`;
    case 'undo.started':
      return `putting everything back: ${event.reason}`;
    case 'release.progress': {
      const { files, filesTotal, bytes, bytesTotal } = event;
      return `release ${event.release}: ${files} of ${filesTotal} files, ${megabytes(bytes)} of ${megabytes(bytesTotal)} MB written`;
    }
    case 'files.compared':
      return `release ${event.release}: ${event.done} of ${event.of} files compared`;
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
