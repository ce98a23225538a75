/** What a person may wish for one kind of Kata runtime beyond having it. */
import type { Shim } from './shims.ts';

export interface ShimOptions {
  /** Hypervisor annotations that pods may use beside those that the shipped configuration allows. */
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
  /** TOML of the person, without syntax errors. */
  readonly dropIn: string | undefined;
}

/** A further handler of the person on top of a shim. */
export interface CustomRuntime {
  /** Its name in the engine: a DNS label. */
  readonly handler: string;
  readonly base: Shim;
  readonly snapshotter: string | undefined;
  readonly pullType: string | undefined;
  readonly dropIn: string | undefined;
}

/** `debug` and `devkit` are handlers of their own beside the plain one, whose measurements must not change. */
export type HandlerVariant = 'plain' | 'debug' | 'devkit';
