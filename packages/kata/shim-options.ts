/** The user's options for one kind of Kata runtime. */
import type { Shim } from './shims.ts';

export interface ShimOptions {
  /** Hypervisor annotations that pods may use in addition to those that the shipped configuration allows. */
  readonly hypervisorAnnotations: readonly string[];
  /** For the agent in the guest. */
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
  /** Pull images in the guest even where the snapshotter would not (`experimental_force_guest_pull`). */
  readonly forceGuestPull: boolean;
  /** The engine's snapshotter for pods of this runtime. */
  readonly snapshotter: string | undefined;
  /** `guest-pull` makes CRI-O pull images in the guest. */
  readonly pullType: string | undefined;
  /** User-provided TOML, without syntax errors. */
  readonly dropIn: string | undefined;
}

/** A user-defined handler on top of a shim. */
export interface CustomRuntime {
  /** Its name in the engine's configuration: a DNS label. */
  readonly handler: string;
  readonly base: Shim;
  readonly snapshotter: string | undefined;
  readonly pullType: string | undefined;
  readonly dropIn: string | undefined;
}

/** `debug` and `devkit` are separate handlers, because the measurements of the plain one must not change. */
export type HandlerVariant = 'plain' | 'debug' | 'devkit';
