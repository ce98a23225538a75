/** A handler, as the engine is told of it and as it is recorded. */
export interface Handler {
  /** Its name in the engine, such as `kata-qemu`. */
  readonly name: string;
  /** Stable path of the shim: it stays while releases come and go. */
  readonly shimPath: `/${string}`;
  /** Stable path of the Kata configuration. */
  readonly configPath: `/${string}`;
  /** As the engine itself names it; undefined: the one that it uses for all. */
  readonly snapshotter?: string | undefined;
  /** `guest-pull` for engines that can leave images to the guest. */
  readonly pullType?: string | undefined;
}

/** Nothing but that, of something that has more. */
export function toHandler({ name, shimPath, configPath, snapshotter, pullType }: Handler): Handler {
  return {
    name,
    shimPath,
    configPath,
    ...(snapshotter === undefined ? {} : { snapshotter }),
    ...(pullType === undefined ? {} : { pullType }),
  };
}
