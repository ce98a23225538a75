/** What is done to a node, as data: planned, shown, journaled and applied. */
import type { HostPath } from '@kata/host';

export interface FileChange {
  readonly path: HostPath;
  /** Undefined when there is no file; where a release names its own files, as the next one would. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export type Action =
  | {
      readonly kind: 'release.write';
      readonly release: string;
      readonly components: readonly string[];
      /** One of this id is there and not as it was packed; once it is sound nobody wants it back. */
      readonly replaces: boolean;
      readonly bytes: number;
      /** Files that it shares with releases that are there. */
      readonly linked: number;
      /** Of generated configuration, against the release in force. */
      readonly changes: readonly FileChange[];
    }
  /** A tree of another installer becomes a release; it stays as it is. */
  | { readonly kind: 'release.adopt'; readonly release: string; readonly names: readonly string[] }
  | {
      readonly kind: 'file.write';
      readonly path: HostPath;
      /** Undefined when there is no file. */
      readonly before: string | undefined;
      readonly after: string;
      /** Permission bits; undefined keeps those that the file has. */
      readonly mode?: number;
      /** Whose file it is: of the release, or one that the engine reads. */
      readonly area: 'release' | 'engine';
      /** Of an engine's file: its present text without what is ours; undefined when nothing would be left. */
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
      /** The engine has to be started after it: it keeps what the shim behind it says of itself. */
      readonly awaitsRestart?: boolean;
    }
  | { readonly kind: 'link.remove'; readonly path: HostPath; readonly before: string }
  /** A real file or directory gives way to a link at one instant, and stands beside it from then on. */
  | { readonly kind: 'link.exchange'; readonly path: HostPath; readonly target: string }
  /** Of another installer: what gave way, or what went with it elsewhere. */
  | { readonly kind: 'former.remove'; readonly path: HostPath }
  | { readonly kind: 'engine.restart'; readonly unit: string; readonly reasons: readonly string[] }
  | { readonly kind: 'release.remove'; readonly release: string }
  | { readonly kind: 'installation.remove'; readonly path: HostPath };

export interface Plan {
  readonly actions: readonly Action[];
  /** Things that a person should know before it is applied. */
  readonly notes: readonly string[];
  /** A failed installation is undone; a removal is finished by the next run. */
  readonly onFailure: 'undo' | 'finish later';
}

/** What only removes what nobody uses any more. */
export function isCleanup({ kind }: Action): boolean {
  return kind === 'release.remove' || kind === 'former.remove' || kind === 'link.remove';
}

export function restartsEngine({ actions }: Pick<Plan, 'actions'>): boolean {
  return actions.some(({ kind }) => kind === 'engine.restart');
}

/** One line for a person. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'release.write':
      return `write release ${action.release}${action.replaces ? ' anew' : ''} (${action.components.length} components: ${megabytes(action.bytes)} MB to write, ${action.linked} files shared)`;
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
      return `exchange ${action.path} for a link to ${action.target}`;
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

/** Whether it changes a file that the engine reads. */
export function isEngineEdit(action: Action): action is FileAction {
  return (action.kind === 'file.write' || action.kind === 'file.remove') && action.area === 'engine';
}
