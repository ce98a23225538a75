/** A handler as it is in the engine's configuration and in the record. */
export interface Handler {
  /** Its name in the engine's configuration, such as `kata-qemu`. */
  readonly name: string;
  /** Stable path of the shim: the same in all releases. */
  readonly shimPath: `/${string}`;
  /** Stable path of the Kata configuration. */
  readonly configPath: `/${string}`;
  /** The engine's name for it; undefined: the engine's default. */
  readonly snapshotter?: string | undefined;
  /** `guest-pull` for engines that can let the guest pull images. */
  readonly pullType?: string | undefined;
}

/** Drops all other properties. */
export function toHandler({ name, shimPath, configPath, snapshotter, pullType }: Handler): Handler {
  return {
    name,
    shimPath,
    configPath,
    ...(snapshotter === undefined ? {} : { snapshotter }),
    ...(pullType === undefined ? {} : { pullType }),
  };
}
