/** How an engine would read its files: a reader of the engine's tests, independent of the code under test. */
import type { HostFiles, HostPath } from '@kata/host';

export interface ServedHandler {
  /** Undefined where the engine searches for it. */
  readonly shimPath: string | undefined;
  readonly configPath: string | undefined;
  /** For images and containers; undefined: the default. */
  readonly snapshotter: string | undefined;
  /** Its complete table. */
  readonly table: unknown;
}

export interface Served {
  readonly handlers: Readonly<Record<string, ServedHandler>>;
  readonly logLevel: string | undefined;
  /** All other active settings, by their paths in the files. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Reads what a start of this version would serve. @throws Error when it would not start. */
export type Oracle = (
  files: Pick<HostFiles, 'read' | 'list'>,
  mainPath: HostPath,
  version: string,
) => Promise<Served>;
