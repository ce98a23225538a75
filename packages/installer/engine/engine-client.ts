/** How a running engine is queried: by its own socket, or by what kubelet reports of it. */
export interface EngineClient {
  /** Such as `2.2.1`; rejects when the engine does not answer. */
  version(): Promise<string>;
  servedHandlers(): Promise<readonly string[]>;
  /** Those that are ready; undefined where the engine does not say. */
  snapshotters?(): Promise<readonly string[] | undefined>;
  /** Pause between two questions while it starts; left out: it is near and asked often. */
  readonly intervalMs?: number;
}
