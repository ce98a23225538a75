/** What an engine makes of its files: read by an engine's tests on their own, not by the code under test. */
import type { HostFiles, HostPath } from '@kata/host';

export interface ServedHandler {
  /** Undefined where the engine looks for it by itself. */
  readonly shimPath: string | undefined;
  readonly configPath: string | undefined;
  /** For images and containers; undefined: that of all handlers. */
  readonly snapshotter: string | undefined;
  /** All that the files say of it. */
  readonly table: unknown;
}

export interface Served {
  readonly handlers: Readonly<Record<string, ServedHandler>>;
  readonly logLevel: string | undefined;
  /** All else that is in force, by its path in the files. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Reads what a start of this version would serve. @throws Error when it would not start. */
export type Oracle = (
  files: Pick<HostFiles, 'read' | 'list'>,
  mainPath: HostPath,
  version: string,
) => Promise<Served>;
