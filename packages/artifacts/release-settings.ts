/** Settings that are part of a release id, in addition to the files generated from settings. */
import type { Handler } from '@kata/kata';

/** Desired engine configuration, in addition to handlers. */
export interface DesiredEngine {
  readonly configFileName: string;
  readonly debug: boolean;
  readonly userDropIn?: { readonly text: string; readonly source: string } | undefined;
}

export interface ReleaseSettings {
  readonly handlers: readonly Handler[];
  readonly engine: DesiredEngine;
}
