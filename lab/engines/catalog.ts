/** The container engines that a node of the lab can run. */
import type { ToolName } from '../tools/catalog.ts';

export interface Engine {
  /** Undefined: the engine comes from Debian's package in the root file system. */
  readonly tool: ToolName | undefined;
  /** The schema version of the main file that the lab writes. */
  readonly schema: 2 | 3;
  /** Whether that main file imports `/etc/containerd/conf.d/*.toml`, as the engine's own default does. */
  readonly importsConfD: boolean;
}

export const engines = {
  'containerd-2.4': { tool: 'containerd-2.4', schema: 3, importsConfD: true },
  'containerd-2.3': { tool: 'containerd-2.3', schema: 3, importsConfD: true },
  'containerd-2.2': { tool: 'containerd-2.2', schema: 3, importsConfD: false },
  'containerd-1.7': { tool: 'containerd-1.7', schema: 2, importsConfD: false },
  'containerd-1.6': { tool: undefined, schema: 2, importsConfD: false },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as [EngineName, ...EngineName[]];

export const defaultEngine: EngineName = 'containerd-2.4';
