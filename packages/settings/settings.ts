/** The desired configuration, validated, without any state of the node. */
import type { HostPath } from '@kata/host';
import type { CustomRuntime, KataArchitecture, Shim, ShimOptions } from '@kata/kata';
import type { Taint } from './kinds.ts';

export interface Settings {
  /** The directory of the installation, such as `/opt/kata`: `INSTALLATION_PREFIX` is what stands before that. */
  readonly prefix: HostPath;
  /** Empty for the only installation. */
  readonly suffix: string;
  readonly kataArchitecture: KataArchitecture;
  /** Only those that this architecture supports, each once; none where only custom runtimes are wanted. */
  readonly shims: readonly Shim[];
  /** By name of the shim, one for each of `shims` and for each base of a custom runtime. */
  readonly options: ReadonlyMap<string, ShimOptions>;
  /** Their bases need not be among `shims`. */
  readonly customRuntimes: readonly CustomRuntime[];
  /** One of `shims`; undefined when there are none. */
  readonly defaultShim: Shim | undefined;
  readonly debug: boolean;
  /** Only with `debug`. */
  readonly devkit: boolean;
  readonly snapshotters: SnapshotterSettings;
  readonly startupTaints: readonly Taint[];
  readonly containerd: ContainerdSettings;
  /** The expected distribution of the node; undefined: any. */
  readonly distribution: string | undefined;
  /** As the node object has it, such as `containerd://2.2.1`. */
  readonly containerRuntimeVersion: string | undefined;
  /** The machine-id that this machine must have. */
  readonly nodeMachineId: string | undefined;
  readonly healthPort: number;
}

export interface SnapshotterSettings {
  /** Those to set up, each once. */
  readonly setup: readonly ('nydus' | 'erofs')[];
  readonly erofsMergeMode: 'merged' | 'unmerged';
  readonly erofsSnapshotterMode: 'disk' | 'memory';
  readonly erofsDmverity: boolean;
}

export interface ContainerdSettings {
  /** Without a folder. */
  readonly configFileName: string;
  /** The user set it, even to the default. */
  readonly isConfigFileGiven?: boolean;
  /** One of the shims, whose pods containerd takes for untrusted ones, too. */
  readonly untrustedShim?: string;
  /** TOML without syntax errors, and the file that it came from. */
  readonly userDropIn?: { readonly text: string; readonly source: string };
}
