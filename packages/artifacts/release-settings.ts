/** What of the settings makes a release another one, beside the files that are generated from them. */
import type { Handler } from '@kata/kata';

/** What the engine is told beside handlers. */
export interface EngineWishes {
  readonly configFileName: string;
  readonly debug: boolean;
  readonly userDropIn?: { readonly text: string; readonly source: string } | undefined;
}

export interface ReleaseSettings {
  readonly handlers: readonly Handler[];
  readonly engine: EngineWishes;
}
