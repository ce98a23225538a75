/** What of the settings makes a release another one, beside the files that are generated from them. */

export interface ReleaseHandler {
  readonly name: string;
  readonly shimPath: `/${string}`;
  readonly configPath: `/${string}`;
  readonly snapshotter?: string | undefined;
  readonly pullType?: string | undefined;
}

/** What the engine is told beside handlers. */
export interface EngineWishes {
  readonly configFileName: string;
  readonly debug: boolean;
  readonly userDropIn?: { readonly text: string; readonly source: string } | undefined;
}

export interface ReleaseSettings {
  readonly handlers: readonly ReleaseHandler[];
  readonly engine: EngineWishes;
}
