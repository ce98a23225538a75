/** Queries a running engine through its CRI socket, or through what kubelet reports. */
export interface EngineClient {
  /** Such as `2.2.1`; rejects when the engine does not answer. */
  version(): Promise<string>;
  servedHandlers(): Promise<readonly string[]>;
  /** Those that are ready; undefined where the engine does not report them. */
  snapshotters?(): Promise<readonly string[] | undefined>;
  /** Pause between two queries while it starts; left out: that of a local engine. */
  readonly intervalMs?: number;
}
