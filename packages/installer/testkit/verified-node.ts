/** For tests: a node in memory with one shim, installed and verified. */
import type { Payload } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import type { Shim } from '@kata/kata';
import type { ProgressEvent } from '@kata/report';
import { beforeAll } from 'vitest';
import type { EngineClient } from '../engine/engine-client.ts';
import { Installation } from '../installation/installation.ts';
import { kataFile, packPayload, type PayloadContents, useScratch } from './pack-payload.ts';
import { someSettings } from './some-settings.ts';
import { type Verification, verifyInstallation } from '../verification/verify-installation.ts';

const shim: Shim = { name: 'qemu', language: 'go', components: { x86_64: ['shim-v2-go', 'kernel'] } };
export const settings = someSettings([], { shims: [shim] });
export const folder = 'share/defaults/kata-containers';
const unit = 'containerd.service';

/** Registers hooks that create and remove the payload for such nodes. */
export function useVerifiedNodes(): () => VerifiedNode {
  const scratch = useScratch('verified-nodes');
  let payload: Payload | undefined;
  beforeAll(async () => {
    payload = await packPayload(scratch(), { version: '3.24.0', components });
  });
  return () => {
    if (payload === undefined) throw new TypeError('there is no payload before the first test');
    return new VerifiedNode(payload);
  };
}

const components: PayloadContents['components'] = {
  'shim-v2-go': [
    kataFile('bin/containerd-shim-kata-v2', 'a shim', 0o755),
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

export class VerifiedNode {
  readonly host: MemoryHost = new MemoryHost({
    files: { '/etc/containerd/config.toml': 'version = 2\n' },
    units: { [unit]: { active: 'active', startedAtMs: new Date('2026-01-01T00:00:00Z').getTime() } },
    onRestart: () => {
      this.host.advance(1000);
      this.served = this.willServe;
    },
  });
  served: readonly string[] = [];
  willServe: readonly string[] = ['kata-qemu'];
  isUnresponsive = false;
  readonly events: ProgressEvent[] = [];
  release = '';
  readonly payload: Payload;

  constructor(payload: Payload) {
    this.payload = payload;
  }

  async install(): Promise<this> {
    const { host, engine } = this;
    const installation = new Installation({ host, settings, engine, emit: () => undefined });
    this.release = (await installation.install(this.payload)).release;
    return this;
  }

  async verify(): Promise<Verification> {
    const { host, engine } = this;
    const emit = (event: ProgressEvent): void => {
      this.events.push(event);
    };
    return await verifyInstallation({ host, settings, engine, emit });
  }

  /** A path in the release. */
  at(path: string): HostPath {
    return `/opt/kata/releases/${this.release}/${path}`;
  }

  readonly engine: EngineClient = {
    version: async () => {
      if (this.isUnresponsive) throw new KataError('KATA_HOST_CRI', 'no answer');
      return '2.2.1';
    },
    servedHandlers: async () => this.served,
  };
}
