/** The desired configuration, validated, without any state of the node. */
import type { HostPath } from '@kata/host';
import type { CustomRuntime, KataArchitecture, Shim, ShimOptions } from '@kata/kata';
import type { Taint } from './kinds.ts';

export interface Settings {
  /** The directory of the installation, such as `/opt/kata`, with `INSTALLATION_PREFIX` in front. */
  readonly prefix: HostPath;
  /** Empty for the only installation. */
  readonly suffix: string;
  readonly kataArchitecture: KataArchitecture;
  /** Unique, and only those of this architecture; empty with custom runtimes only. */
  readonly shims: readonly Shim[];
  /** By name of the shim, one for each of `shims` and for each base of a custom runtime. */
  readonly options: ReadonlyMap<string, ShimOptions>;
  /** Their bases need not be in `shims`. */
  readonly customRuntimes: readonly CustomRuntime[];
  /** One of `shims`; undefined if that is empty. */
  readonly defaultShim: Shim | undefined;
  readonly debug: boolean;
  /** Only with `debug`. */
  readonly devkit: boolean;
  readonly snapshotters: SnapshotterSettings;
  readonly startupTaints: readonly Taint[];
  readonly containerd: ContainerdSettings;
  /** The expected distribution of the node; undefined: any. */
  readonly distribution: string | undefined;
  /** As in the Node object, such as `containerd://2.2.1`. */
  readonly containerRuntimeVersion: string | undefined;
  /** The required machine-id of this machine. */
  readonly nodeMachineId: string | undefined;
  readonly healthPort: number;
}

export interface SnapshotterSettings {
  /** Those to set up; unique. */
  readonly setup: readonly ('nydus' | 'erofs')[];
  readonly erofsMergeMode: 'merged' | 'unmerged';
  readonly erofsSnapshotterMode: 'disk' | 'memory';
  readonly erofsDmverity: boolean;
}

export interface ContainerdSettings {
  /** Without a directory. */
  readonly configFileName: string;
  /** The user set it, possibly to the default. */
  readonly isConfigFileGiven?: boolean;
  /** The shim for pods that are marked as untrusted. */
  readonly untrustedShim?: string;
  /** Valid TOML, and the file that contains it. */
  readonly userDropIn?: { readonly text: string; readonly source: string };
}
