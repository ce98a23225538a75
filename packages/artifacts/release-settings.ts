/** The settings that are part of a release's id, in addition to the files that are generated from them. */
import type { Handler } from '@kata/kata';

/** What the engine's configuration gets in addition to handlers. */
export interface DesiredEngine {
  readonly configFileName: string;
  readonly debug: boolean;
  readonly userDropIn?: { readonly text: string; readonly source: string } | undefined;
}

export interface ReleaseSettings {
  readonly handlers: readonly Handler[];
  readonly engine: DesiredEngine;
}
