/** What a run does to a node, as data: planned, shown, journaled and applied. */
import type { HostPath } from '@kata/host';

export interface FileChange {
  readonly path: HostPath;
  /** Undefined when there is no file. The id of the previous release in it is replaced by that of the next one. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export type Action =
  | {
      readonly kind: 'release.write';
      readonly release: string;
      readonly components: readonly string[];
      /** The store has a release of this id that is damaged: it is replaced, and a rollback does not restore it. */
      readonly replaces: boolean;
      readonly bytes: number;
      /** Number of files that it shares with releases in the store. */
      readonly linked: number;
      /** Of generated configuration, compared with the active release. */
      readonly changes: readonly FileChange[];
    }
  /** The tree of another installer becomes a release; the tree itself is not changed. */
  | { readonly kind: 'release.adopt'; readonly release: string; readonly names: readonly string[] }
  | {
      readonly kind: 'file.write';
      readonly path: HostPath;
      /** Undefined when there is no file. */
      readonly before: string | undefined;
      readonly after: string;
      /** Permission bits; undefined keeps those that the file has. */
      readonly mode?: number;
      /** A file of the release, or one that the engine reads. */
      readonly area: 'release' | 'engine';
      /** Of an engine's file: its present text without our part; undefined when nothing would be left. */
      readonly original?: string | undefined;
    }
  | {
      readonly kind: 'file.remove';
      readonly path: HostPath;
      readonly before: string;
      readonly after?: undefined;
      readonly area: 'release' | 'engine';
    }
  | {
      readonly kind: 'link.set';
      readonly path: HostPath;
      readonly before: string | undefined;
      readonly target: string;
      /** The engine must be restarted after it, because it caches the shim's answer to `-info`. */
      readonly awaitsRestart?: boolean;
    }
  | { readonly kind: 'link.remove'; readonly path: HostPath; readonly before: string }
  /** Replaces a file or directory with a link atomically; the original becomes a backup next to the link. */
  | { readonly kind: 'link.exchange'; readonly path: HostPath; readonly target: string }
  /** Removes a backup, or a file of the adopted installer outside the installation. Readers of plans know it by this name. */
  | { readonly kind: 'former.remove'; readonly path: HostPath }
  | { readonly kind: 'engine.restart'; readonly unit: string; readonly reasons: readonly string[] }
  | { readonly kind: 'release.remove'; readonly release: string }
  | { readonly kind: 'installation.remove'; readonly path: HostPath };

export interface Plan {
  readonly actions: readonly Action[];
  /** What a user should know before it is applied. */
  readonly notes: readonly string[];
  /** A failed installation is undone; a removal is finished by the next run. */
  readonly onFailure: 'undo' | 'finish later';
}

/** Whether it only removes what is unused. */
export function isCleanup({ kind }: Action): boolean {
  return kind === 'release.remove' || kind === 'former.remove' || kind === 'link.remove';
}

export function restartsEngine({ actions }: Pick<Plan, 'actions'>): boolean {
  return actions.some(({ kind }) => kind === 'engine.restart');
}

/** One line for users. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'release.write':
      return `write release ${action.release}${action.replaces ? ' again' : ''} (${action.components.length} components: ${megabytes(action.bytes)} MB to write, ${action.linked} files shared)`;
    case 'release.adopt':
      return `adopt ${action.names.join(', ')} as release ${action.release}`;
    case 'file.write':
      return `${action.before === undefined ? 'create' : 'edit'} ${action.path}`;
    case 'file.remove':
      return `remove ${action.path}`;
    case 'link.set':
      return action.before === undefined
        ? `link ${action.path} -> ${action.target}`
        : `relink ${action.path} -> ${action.target} (was ${action.before})`;
    case 'link.remove':
      return `remove link ${action.path}`;
    case 'link.exchange':
      return `replace ${action.path} with a link to ${action.target}`;
    case 'former.remove':
      return `remove ${action.path}`;
    case 'engine.restart':
      return `restart ${action.unit}: ${action.reasons.join('; ')}`;
    case 'release.remove':
      return `remove release ${action.release}`;
    case 'installation.remove':
      return `remove ${action.path}`;
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export type FileAction = Extract<Action, { readonly kind: 'file.write' | 'file.remove' }>;

export function isEngineEdit(action: Action): action is FileAction {
  return (action.kind === 'file.write' || action.kind === 'file.remove') && action.area === 'engine';
}
