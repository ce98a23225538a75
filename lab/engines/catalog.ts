/** The container engines that a node of the lab can run. */
import type { ToolName } from '../tools/catalog.ts';

export interface ContainerdEngine {
  readonly kind: 'containerd';
  /** Undefined: the engine comes from Debian's package in the root file system. */
  readonly tool: ToolName | undefined;
  /** The schema version of the main file that the lab writes. */
  readonly schema: 2 | 3;
  /** Whether that main file imports `/etc/containerd/conf.d/*.toml`, as the engine's own default does. */
  readonly importsConfD: boolean;
}

export interface CrioEngine {
  readonly kind: 'crio';
  readonly tool: ToolName;
}

type Engine = ContainerdEngine | CrioEngine;

export const containerdEngines = {
  'containerd-2.4': { kind: 'containerd', tool: 'containerd-2.4', schema: 3, importsConfD: true },
  'containerd-2.3': { kind: 'containerd', tool: 'containerd-2.3', schema: 3, importsConfD: true },
  'containerd-2.2': { kind: 'containerd', tool: 'containerd-2.2', schema: 3, importsConfD: false },
  'containerd-1.7': { kind: 'containerd', tool: 'containerd-1.7', schema: 2, importsConfD: false },
  'containerd-1.6': { kind: 'containerd', tool: undefined, schema: 2, importsConfD: false },
} as const satisfies Record<string, ContainerdEngine>;

export type ContainerdName = keyof typeof containerdEngines;

export const containerdNames = Object.keys(containerdEngines) as [ContainerdName, ...ContainerdName[]];

const engines = {
  ...containerdEngines,
  'crio-1.36': { kind: 'crio', tool: 'crio' },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as [EngineName, ...EngineName[]];

export const defaultEngine: EngineName = 'containerd-2.4';

export function engineOf(name: EngineName): Engine {
  return engines[name];
}
