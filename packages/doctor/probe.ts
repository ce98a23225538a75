/** Reads the facts for the doctor. It changes nothing, and needs neither the lock nor all mounts. */
import { posix } from 'node:path';
import { choosePayload, type Payload, planFiles, spareBytes } from '@kata/artifacts';
import { describeError, KataError } from '@kata/core';
import { activeEngineUnits } from '@kata/engines';
import { findHostMount, type Host, type HostFiles, type HostPath, type Mount } from '@kata/host';
import { neededComponents } from '@kata/kata';
import {
  type EngineClient,
  EngineSession,
  sandboxTraces,
  type SandboxView,
  wantedHandlers,
} from '@kata/installer';
import { pullsInGuest } from './check-kubelet.ts';
import type { Settings } from '@kata/settings';
import type { DeviceVisibility, Visibility } from './check-result.ts';
import type {
  DoctorFacts,
  EngineView,
  KernelFacts,
  KubeletFacts,
  KubeletVersion,
  SandboxFacts,
  SpaceFacts,
} from './facts.ts';
import { readTimeoutSeconds } from './kubelet-timeout.ts';
import { probeConfiguration } from './probe-configuration.ts';

export interface DoctorOptions {
  readonly host: Host;
  /** The files of this process: also in a container, /proc and /sys are the kernel's. */
  readonly own: HostFiles;
  readonly settings: Settings;
  readonly engine: EngineClient;
  readonly sandboxes: () => Promise<SandboxView>;
  /** Rejects with a KataError without a usable payload. */
  readonly payload: () => Promise<Payload>;
  /** kubelet's answer to `/configz`; left out without a cluster. */
  readonly kubeletConfiguration?: () => Promise<unknown>;
  /** As in the Node object; left out without a cluster, or when no sidecar is used. */
  readonly kubeletVersion?: () => Promise<string>;
}

export async function readDoctorFacts(options: DoctorOptions): Promise<DoctorFacts> {
  const { host, settings } = options;
  return {
    devices: {
      '/dev/kvm': await deviceVisibility(options, '/dev/kvm'),
      '/dev/vhost-vsock': await deviceVisibility(options, '/dev/vhost-vsock'),
      '/dev/vhost-net': await deviceVisibility(options, '/dev/vhost-net'),
      '/dev/sev': await deviceVisibility(options, '/dev/sev'),
      '/dev/vfio': await deviceVisibility(options, '/dev/vfio/vfio'),
    },
    kernel: await readKernel(options),
    systemd: {
      privateSocket: await visibilityOf(host, '/run/systemd/private', '/run/systemd'),
      busSocket: await visibilityOf(host, '/run/dbus/system_bus_socket', '/run/dbus'),
    },
    mount: await readMount(options),
    space: await readSpace(options),
    engine: await readEngine(options),
    kubelet: pullsInGuest(settings) ? await readKubelet(options) : { kind: 'not queried' },
    kubeletVersion: await readKubeletVersion(options),
    sandboxes: await readSandboxes(options),
  };
}

/** Where only parts of the host are mounted, a missing path is `absent` only if its reference path exists. */
async function visibilityOf(host: Host, path: HostPath, reference: HostPath): Promise<Visibility> {
  if ((await host.files.info(path)) !== undefined) return 'present';
  // Parts of the host are mounted among our own files: the reference path may be ours.
  if (host.isPartial && host.socketPath('/') === '/') return 'hidden';
  return !host.isPartial || (await host.files.info(reference)) !== undefined ? 'absent' : 'hidden';
}

/** A directory is not a device: engines create one for a mount whose source is missing. */
async function deviceVisibility({ host, own }: DoctorOptions, path: HostPath): Promise<DeviceVisibility> {
  const visibility = await visibilityOf(host, path, '/dev/null');
  if (visibility === 'hidden') {
    // Not registered does not mean absent: a driver may be loaded only when its device is opened.
    const isRegistered = (await own.info(`/sys/class/misc/${posix.basename(path)}`)) !== undefined;
    return isRegistered ? 'registered' : 'hidden';
  }
  const isOther = visibility === 'present' && (await host.files.info(path))?.kind !== 'other';
  return isOther ? 'absent' : visibility;
}

async function readKernel({ host, own }: DoctorOptions): Promise<KernelFacts> {
  const text = async (files: HostFiles, path: HostPath): Promise<string | undefined> =>
    (await files.read(path))?.toString('utf8');
  const isKvmThere = (await own.info('/sys/class/misc/kvm')) !== undefined;
  const isSysThere = (await own.list('/sys/class/misc')).length > 0;
  return {
    cpuInfo: (await text(own, '/proc/cpuinfo')) ?? '',
    kvmDriver: isKvmThere ? 'present' : isSysThere ? 'absent' : 'hidden',
    sevSnp: await text(own, '/sys/module/kvm_amd/parameters/sev_snp'),
    tdx: await text(own, '/sys/module/kvm_intel/parameters/tdx'),
    // Engines mask /sys/firmware in containers.
    secureExecution: {
      visibility: await visibilityOf(host, '/sys/firmware/uv/prot_virt_host', '/sys/firmware'),
      text: await text(host.files, '/sys/firmware/uv/prot_virt_host'),
    },
    selinux: await readSelinux(host, own),
  };
}

/** A kernel with SELinux enabled creates the directory; its files need their own mount. */
async function readSelinux(host: Host, own: HostFiles): Promise<KernelFacts['selinux']> {
  const path = '/sys/fs/selinux/enforce';
  const enforce = (await host.files.read(path)) ?? (await own.read(path));
  if (enforce !== undefined) return enforce.toString('utf8').trim() === '1' ? 'enforcing' : 'permissive';
  const isOff = !host.isPartial || (await own.info('/sys/fs/selinux')) === undefined;
  return isOff ? 'disabled' : 'hidden';
}

/** Reads our own mount table: a mounted part of the host keeps its mount options. */
async function readMount({ host, own, settings }: DoctorOptions): Promise<Mount | undefined> {
  const table = (await own.read('/proc/self/mountinfo'))?.toString('utf8') ?? '';
  // Not only for sockets: it maps any path of the host to ours.
  const place = host.socketPath(settings.prefix);
  return findHostMount(table, place, { root: host.socketPath('/'), isPartial: host.isPartial });
}

async function readSpace({ host, settings, payload }: DoctorOptions): Promise<SpaceFacts> {
  try {
    const { manifest } = await payload();
    const { entries } = choosePayload(manifest, neededComponents(settings.shims, settings.kataArchitecture));
    const plan = await planFiles({ files: host.files, prefix: settings.prefix }, entries);
    const freeBytes = await host.files.freeBytes(settings.prefix);
    return { kind: 'measured', neededBytes: plan.bytesToWrite + spareBytes, freeBytes };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return { kind: 'unknown', message: error.message };
  }
}

async function readEngine(options: DoctorOptions): Promise<EngineView> {
  const { host, settings, engine } = options;
  const session = new EngineSession(host, engine, settings, {
    activeUnits: async () => await activeEngineUnits(host).catch(unlessKataError<readonly string[]>([])),
  });
  try {
    await session.open();
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return {
      kind: 'foreign',
      message: error.message,
      hint: error.hint ?? 'use a supported container runtime',
    };
  }
  return await queryEngine(session, options);
}

async function queryEngine(
  session: EngineSession,
  { host, settings }: Pick<DoctorOptions, 'host' | 'settings'>,
): Promise<EngineView> {
  const { engine, location } = await session.open();
  const { title } = engine;
  const directory = posix.dirname(location.socket) as HostPath;
  const isHidden = async (path: HostPath): Promise<boolean> =>
    (await visibilityOf(host, path, path)) === 'hidden';
  try {
    const running = await session.runningVersion();
    const onDisk = await session.queryLoaderVersion();
    const isOther = onDisk.kind === 'answers' && onDisk.version !== running;
    const versions = [running, ...(isOther ? [onDisk.version] : [])].map((version) => ({
      version,
      judgement: engine.checkVersion(version, wantedHandlers(settings)),
    }));
    const configuration = await probeConfiguration(
      { host, session, settings, isHidden },
      { running, onDisk },
    );
    return { kind: 'answers', title, versions, configuration };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    if (await isHidden(directory)) return { kind: 'hidden', title, directory };
    return { kind: 'unresponsive', title, unit: location.unit, message: error.message };
  }
}

/** For failures that another check reports. */
function unlessKataError<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof KataError) return value;
    throw error;
  };
}

async function readKubelet({ kubeletConfiguration }: DoctorOptions): Promise<KubeletFacts> {
  if (kubeletConfiguration === undefined) return { kind: 'not queried' };
  try {
    return { kind: 'answered', timeoutSeconds: readTimeoutSeconds(await kubeletConfiguration()) };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return { kind: 'failed', message: inOneLine(error) };
  }
}

async function readKubeletVersion({ kubeletVersion }: DoctorOptions): Promise<KubeletVersion> {
  if (kubeletVersion === undefined) return { kind: 'not queried' };
  try {
    return { kind: 'answered', version: await kubeletVersion() };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return { kind: 'failed', message: inOneLine(error) };
  }
}

function inOneLine(error: KataError): string {
  const [, ...causes] = describeError(error)
    .split('\n')
    .filter((line) => !line.startsWith('  next: '));
  const why = causes.map((line) => line.trim().replace(/^because: /, ''));
  return [error.message, ...why].join(': ');
}

async function readSandboxes({ host, sandboxes }: DoctorOptions): Promise<SandboxFacts> {
  const view = await sandboxes();
  if (view.unanswered === undefined) return { kind: 'seen', view };
  for (const directory of sandboxTraces) {
    if ((await visibilityOf(host, directory, directory)) === 'hidden') return { kind: 'hidden', directory };
  }
  return { kind: 'seen', view };
}
