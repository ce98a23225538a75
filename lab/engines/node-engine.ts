/** What a node of the lab needs for its engine, whatever the engine is. */
import type { MachineFile } from '../machines/machine-file.ts';
import { type EngineName, engineOf } from './catalog.ts';
import { containerdFiles } from './containerd-files.ts';
import { crioFiles } from './crio-files.ts';

export interface NodeEngine {
  readonly unit: string;
  /** Of kubelet's configuration. */
  readonly endpoint: string;
  readonly files: readonly MachineFile[];
}

export function nodeEngine(name: EngineName): NodeEngine {
  const engine = engineOf(name);
  switch (engine.kind) {
    case 'containerd':
      return {
        unit: 'containerd.service',
        endpoint: 'unix:///run/containerd/containerd.sock',
        files: containerdFiles(engine),
      };
    case 'crio':
      return {
        unit: 'crio.service',
        endpoint: 'unix:///run/crio/crio.sock',
        files: crioFiles(engine),
      };
  }
}
