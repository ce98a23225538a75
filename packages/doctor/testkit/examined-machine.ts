/** For tests: examines a healthy in-memory machine with some changes. */
import type { Payload } from '@kata/artifacts';
import { KataError } from '@kata/core';
import { type FileInfo, type Host, type HostPath, type ProgramRun } from '@kata/host';
import { MemoryFiles, MemoryHost, type MemorySeed } from '@kata/host/memory';
import { type KataArchitecture, type ShimOptions, shims } from '@kata/kata';
import { readSandboxes, type SandboxAnswer } from '@kata/installer';
import { someSettings } from '@kata/installer/testkit';
import type { Settings } from '@kata/settings';
import type { CheckResult } from '../check-result.ts';
import { examineNode } from '../examine-node.ts';
import type { DoctorOptions } from '../probe.ts';

export type Seeds = Readonly<Record<HostPath, MemorySeed>>;

/** Files below /dev are devices. */
class FilesWithDevices extends MemoryFiles {
  override async info(path: HostPath): Promise<FileInfo | undefined> {
    const info = await super.info(path);
    return info?.kind === 'file' && path.startsWith('/dev/') ? { ...info, kind: 'other' } : info;
  }
}

export const kernel: Seeds = {
  '/proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu vmx smep\n\nprocessor\t: 1\n',
  '/proc/self/mountinfo': '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n',
  '/sys/class/misc/kvm': '',
  '/sys/fs/cgroup': { directory: true },
};

const machine: Seeds = {
  ...kernel,
  '/dev/null': '',
  '/dev/kvm': '',
  '/dev/vhost-vsock': '',
  '/dev/vhost-net': '',
  '/run/systemd/private': '',
  '/run/containerd/containerd.sock': '',
  '/etc/containerd/config.toml': 'version = 2\n',
};

export interface Examined {
  readonly files?: Seeds;
  readonly without?: readonly string[];
  /** The container's own files; then the files of the host are those mounted. */
  readonly own?: Seeds;
  /** Parts of the host are mounted at their own paths, among the files of the container. */
  readonly mountsAtRoot?: boolean;
  readonly sandboxes?: readonly string[];
  readonly kataArchitecture?: KataArchitecture;
  readonly shims?: readonly string[];
  readonly options?: Readonly<Record<string, Partial<ShimOptions>>>;
  readonly engineVersion?: string | Error;
  /** As in the Node object. */
  readonly node?: string;
  readonly kubelet?: string | Error;
  /** As in the Node object. */
  readonly kubeletVersion?: string | Error;
  readonly freeBytes?: number;
  readonly payload?: Error;
  /** All files have the modification time 0. */
  readonly engineStartedAtMs?: number;
  /** Output of the engine's program by its arguments. */
  readonly program?: (words: string) => Output;
}

interface Output {
  readonly exitCode: number;
  readonly output: string;
}

export const accepts = (version: string) => (): Output => ({
  exitCode: 0,
  output: `containerd github.com/containerd/containerd/v2 ${version} abc\n`,
});

export async function examine(given: Examined = {}): Promise<readonly CheckResult[]> {
  const { freeBytes = 1e12, engineVersion = '2.2.1', kubelet, kubeletVersion } = given;
  const seeds = Object.entries({ ...machine, ...given.files }).filter(
    ([path]) => given.without?.some((start) => path.startsWith(start)) !== true,
  );
  const files = new FilesWithDevices({ files: Object.fromEntries(seeds), freeBytes });
  const isInContainer = given.own !== undefined;
  const { engineStartedAtMs = 1, program = accepts(String(engineVersion)) } = given;
  const state = { active: 'active', startedAtMs: engineStartedAtMs, program: '/usr/bin/containerd' } as const;
  const units = { 'containerd.service': state };
  const onProgram = async ({ arguments: words, output }: ProgramRun): Promise<number> => {
    const result = program(words.join(' '));
    files.seed(output, result.output);
    return result.exitCode;
  };
  const host: Host = Object.assign(new MemoryHost({ units, onProgram }), {
    files,
    socketPath: (path: HostPath) => (isInContainer ? `/host${path}` : path),
    isPartial: isInContainer || given.mountsAtRoot === true,
  });
  const options: DoctorOptions = {
    host,
    own: isInContainer ? new MemoryFiles({ files: given.own }) : files,
    settings: settings(given),
    engine: {
      version: async () => await answer(engineVersion),
      servedHandlers: async () => [],
    },
    payload: async () => await payloadOr(given.payload),
    sandboxes: async () => await readSandboxes(host, [], async () => await listed(given)),
    ...(kubelet === undefined
      ? {}
      : {
          kubeletConfiguration: async () => ({
            kubeletconfig: { runtimeRequestTimeout: await answer(kubelet) },
          }),
        }),
    ...(kubeletVersion === undefined ? {} : { kubeletVersion: async () => await answer(kubeletVersion) }),
  };
  return await examineNode(options);
}

async function listed({ engineVersion, sandboxes = [] }: Examined): Promise<SandboxAnswer> {
  if (engineVersion instanceof Error) throw engineVersion;
  const running = sandboxes.map((id) => ({ id, handler: 'kata-qemu', podUid: undefined }));
  return { running, allIds: sandboxes };
}

async function payloadOr(error: Error | undefined): Promise<Payload> {
  if (error !== undefined) throw error;
  return {
    directory: '/payload',
    manifest: {
      schema: 1,
      version: '3.24.0',
      architecture: 'amd64',
      components: ['shim-v2-go', 'qemu', 'kernel'].map((name) => ({
        name,
        archive: `kata-static-${name}.tar.zst`,
        archiveSize: 1,
        archivePiecesSha256: '0'.repeat(64),
        entries: [{ kind: 'file', path: `share/${name}`, mode: 0o644, size: 50e6, sha256: '0'.repeat(64) }],
      })),
    },
  };
}

export function settings({
  kataArchitecture = 'x86_64',
  shims: names = ['qemu'],
  options,
  node,
}: Examined): Settings {
  // Without images, which the payload of this test does not have.
  const chosen = names.flatMap((name) => {
    const shim = shims.get(name);
    const list = shim?.components[kataArchitecture]?.filter((each) => /shim-v2-go|^qemu$|kernel$/.test(each));
    return shim === undefined ? [] : { ...shim, components: { [kataArchitecture]: list } };
  });
  const plain = someSettings(names);
  const changed = Object.entries(options ?? {}).flatMap(([name, some]): [string, ShimOptions][] => {
    const usual = plain.options.get(name);
    return usual === undefined ? [] : [[name, { ...usual, ...some }]];
  });
  return {
    ...plain,
    containerRuntimeVersion: node,
    kataArchitecture,
    shims: chosen,
    options: new Map([...plain.options, ...changed]),
  };
}

export async function answer(given: string | Error): Promise<string> {
  if (given instanceof Error) throw given;
  return given;
}

/** The error of an unresponsive engine or kubelet. */
export const unresponsive = new KataError('KATA_HOST_CRI', 'containerd does not answer');
