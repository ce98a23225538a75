/** The facts of a verification, as plain data. */
import type { ReleaseDifference } from '@kata/artifacts';
import type { FileInfo, HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import type { EngineFacts } from '../engine/engine-facts.ts';
import type { OwnershipRecord } from '../state/record.ts';

export interface VerificationFacts {
  readonly prefix: HostPath;
  readonly record: OwnershipRecord;
  readonly release: ReleaseFacts;
  /** Links below the installation, by name. */
  readonly links: ReadonlyMap<string, FileInfo>;
  /** Last note of a run that did not finish. */
  readonly unfinished: string | undefined;
  readonly engine: EngineFacts;
  readonly handlers: readonly HandlerFacts[];
}

export interface ReleaseFacts {
  readonly id: string;
  /** Number of entries that were compared. */
  readonly compared: number;
  /** First parts of the paths in it. */
  readonly topLevel: readonly string[];
  /** Why its manifest cannot be compared. */
  readonly broken: string | undefined;
  readonly differences: readonly ReleaseDifference[];
  /** Files and links that are not named anywhere, by their path in the release. */
  readonly surplus: readonly string[];
}

export interface HandlerFacts {
  readonly handler: Handler;
  /** With links followed; undefined when missing. */
  readonly shim: FileInfo | undefined;
  readonly configuration:
    | { readonly kind: 'missing' }
    | {
        readonly kind: 'read';
        /** Why the shim refuses it; each begins with the path of the file. */
        readonly refusals: readonly string[];
        readonly named: readonly HostPath[];
        readonly missing: readonly NamedFile[];
        /** Outside of the installation, and possibly only not mounted into our container. */
        readonly unseen: readonly NamedFile[];
      };
}

export interface NamedFile {
  readonly path: HostPath;
  /** The drop-in; undefined: the configuration itself. */
  readonly namedBy: HostPath | undefined;
}
