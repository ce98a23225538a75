/** One lab: its name, its machines, their addresses, and where on this machine its files are. */
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import type { LabConfig } from './config.ts';
import type { EngineName } from './engines/catalog.ts';
import type { ToolName } from './tools/catalog.ts';

/** Every lab has a network namespace of its own, so all labs use the same addresses. */
export const network = {
  gateway: '10.77.0.1',
  control: '10.77.0.10',
  prefixLength: 24,
  bridge: 'lab0',
  pods: '10.88.0.0/16',
  services: '10.96.0.0/16',
  apiService: '10.96.0.1',
  apiPort: 6443,
  registryPort: 5000,
} as const;

/** The address of the lab's registry for nodes and pods. */
export const registryHost = `registry.lab:${network.registryPort}`;

export const controlName = 'control';

export interface NodeSpec {
  readonly name: string;
  readonly engine: EngineName;
  /** 1, 2, …: determines the addresses. */
  readonly index: number;
}

export interface LabPlace {
  readonly name: string;
  readonly directory: string;
  readonly cache: string;
  /** The lab's control group, the same path in every hierarchy. */
  readonly group: string;
}

export function labPlace(name: string, config: LabConfig): LabPlace {
  if (!/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new KataError(
      'KATA_LAB_NAME',
      `"${name}" is not a valid lab name: use at most 20 characters of a-z, 0-9 and inner hyphens`,
      { exitCode: exitCodes.usage },
    );
  }
  return {
    name,
    directory: join(config.stateDirectory, name),
    cache: config.cacheDirectory,
    group: `kata-lab-${name}`,
  };
}

/** The index of a node, from 1 up to this, is part of its address and of its pods' address range. */
export const maximumNodes = 200;

export function nodeAddress(index: number): string {
  return `10.77.0.${10 + index}`;
}

export function podRange(index: number): string {
  return `10.88.${index}.0/24`;
}

export function machineDirectory(place: LabPlace, machine: string): string {
  return join(place.directory, 'machines', machine);
}

export function machineGroup(place: LabPlace, machine: string): string {
  return `${place.group}/machines/${machine}`;
}

/** A link to the root file system of which the lab's machines have copies. */
export function baseLink(place: LabPlace): string {
  return join(place.directory, 'base');
}

/** A link to the tool as it was built when the lab was created, even if the sources have changed since. */
export function toolLink(place: LabPlace, tool: ToolName): string {
  return join(place.directory, 'tools', tool);
}
