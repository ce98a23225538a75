/** For tests: a node in memory with the release of one shim, to damage and verify. */
import type { Payload } from '@kata/artifacts';
import type { HostPath } from '@kata/host';
import type { MemoryHost } from '@kata/host/memory';
import type { Shim } from '@kata/kata';
import type { Emit, ProgressEvent } from '@kata/report';
import type { Settings } from '@kata/settings';
import { beforeAll } from 'vitest';
import type { Verification } from '../verification/verify-installation.ts';
import { type Machine, MemoryNode } from './memory-node.ts';
import { kataFile, packPayload, type PayloadContents, useScratch } from './pack-payload.ts';
import { someSettings } from './some-settings.ts';

const shim: Shim = { name: 'qemu', language: 'go', components: { x86_64: ['shim-v2-go', 'kernel'] } };
export const qemu = someSettings([], { shims: [shim] });
export const folder = 'share/defaults/kata-containers';
export const bareMachine: Machine = {
  name: 'containerd 2.2 without handlers',
  version: '2.2.1',
  files: { '/etc/containerd/config.toml': 'version = 2\n' },
};

const components: PayloadContents['components'] = {
  'shim-v2-go': [
    kataFile('bin/containerd-shim-kata-v2', 'shim 3.24.0', 0o755),
    kataFile(
      `${folder}/configuration-qemu.toml`,
      '[hypervisor.qemu]\nkernel = "/opt/kata/share/vmlinux"\nshared_fs = "none"\n',
    ),
  ],
  kernel: [
    kataFile('share/vmlinux-6.18', 'a kernel'),
    { kind: 'link', path: './opt/kata/share/vmlinux', target: 'vmlinux-6.18' },
  ],
};

export interface VerifiedNode {
  readonly node: MemoryNode;
  readonly host: MemoryHost;
  /** Its id. */
  readonly release: string;
  /** A path in the release. */
  readonly at: (path: string) => HostPath;
  readonly verify: (emit?: Emit<ProgressEvent>) => Promise<Verification>;
}

/** Registers hooks for the payload; returns a function that makes such a node. */
export function useVerifiedNode(): (settings?: Settings) => Promise<VerifiedNode> {
  const scratch = useScratch('verified-nodes');
  let payload: Payload | undefined;
  beforeAll(async () => {
    payload = await packPayload(scratch(), { version: '3.24.0', components });
  });
  return async (settings = qemu) => {
    if (payload === undefined) throw new TypeError('there is no payload before the first test');
    const node = await MemoryNode.start(bareMachine);
    const { release } = await node.installation(settings).install(payload);
    return {
      node,
      host: node.host,
      release,
      at: (path) => `/opt/kata/releases/${release}/${path}`,
      verify: async (emit) => await node.verify(qemu, emit),
    };
  };
}
