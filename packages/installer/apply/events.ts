/** The events of an installation, and the message for users of each. */
import type { HostPath } from '@kata/host';
import type { ProgressEvent } from '@kata/report';
import { type Action, describeAction } from '../state/actions.ts';
import { rebuiltRecordNote } from '../facts/rebuild-record.ts';

/** An action without the content of files, which is long and may be secret. */
export interface ActionOutline {
  readonly kind: Action['kind'];
  /** The path, release or systemd unit that it changes. */
  readonly subject: string;
  /** One line for users. */
  readonly text: string;
}

export type InstallerEvent =
  | ProgressEvent
  | {
      readonly kind: 'action.started';
      readonly action: ActionOutline;
      /** From 1. */
      readonly step: number;
      readonly of: number;
    }
  | ({ readonly kind: 'action.progress'; readonly action: ActionOutline } & ReleaseProgress)
  | { readonly kind: 'action.done'; readonly action: ActionOutline; readonly detail: string }
  | { readonly kind: 'action.failed'; readonly action: ActionOutline; readonly error: string }
  /** Left for a later run, because a pod needs what it would remove. */
  | { readonly kind: 'action.skipped'; readonly action: ActionOutline }
  | { readonly kind: 'undo.started'; readonly reason: string }
  | { readonly kind: 'undo.done' }
  | { readonly kind: 'undo.failed'; readonly error: string }
  /** It does not answer; `active`: the state that systemd reports. */
  | { readonly kind: 'engine.awaited'; readonly unit: string; readonly active: string }
  /** It was lost; see `rebuildRecord`. */
  | { readonly kind: 'record.rebuilt'; readonly prefix: HostPath; readonly current: string | null }
  /** What a command found or did; without `--progress json` it goes to standard output. */
  | { readonly kind: 'result'; readonly message: string };

/** Files that are written or linked, and bytes that are written. */
export interface ReleaseProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

const undo = 'rolling back the changes';

export function asProgress(event: InstallerEvent): ProgressEvent {
  switch (event.kind) {
    case 'action.started': {
      const { kind, text } = event.action;
      const isLong = kind === 'release.write' || kind === 'engine.restart';
      return { kind: 'task.started', task: text, ...(isLong ? { isLong } : {}) };
    }
    case 'action.progress': {
      const { files, filesTotal, bytes, bytesTotal } = event;
      const detail = `${files} of ${filesTotal} files, ${megabytes(bytes)} of ${megabytes(bytesTotal)} MB written`;
      return { kind: 'task.progress', task: event.action.text, detail };
    }
    case 'action.done':
      return { kind: 'task.done', task: event.action.text, detail: event.detail };
    case 'action.failed':
      return { kind: 'task.failed', task: event.action.text, error: event.error };
    case 'action.skipped':
      return note(`left for a later run, because Kata pods are running: ${event.action.text}`);
    case 'undo.started':
      return { kind: 'task.started', task: undo, detail: event.reason, isLong: true };
    case 'undo.done':
      return { kind: 'task.done', task: undo, detail: 'done' };
    case 'undo.failed':
      return { kind: 'task.failed', task: undo, error: event.error };
    case 'engine.awaited':
      return note(`waiting for ${event.unit} (${event.active}) …`);
    case 'record.rebuilt':
      return note(`${event.prefix}: ${rebuiltRecordNote(event.current)}`);
    case 'result':
      return note(event.message);
    case 'tasks.planned':
    case 'task.started':
    case 'task.progress':
    case 'task.done':
    case 'task.failed':
    case 'note':
      return event;
  }
}

function note(message: string): ProgressEvent {
  return { kind: 'note', message };
}

export function outlineAction(action: Action): ActionOutline {
  return { kind: action.kind, subject: subjectOf(action), text: describeAction(action) };
}

function subjectOf(action: Action): string {
  if ('path' in action) return action.path;
  return 'release' in action ? action.release : action.unit;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
