/** The kinds of Kata runtime, and what each needs. */
import type { GoArchitecture } from '@kata/core';
import table from './shim-components.json' with { type: 'json' };

/** Names of processor architectures in upstream's environment variables and tables. */
export type KataArchitecture = 'x86_64' | 'aarch64' | 's390x' | 'ppc64le';

export interface Shim {
  readonly name: string;
  /** Written in Go or in Rust: decides where its binary and configuration are. */
  readonly language: 'go' | 'rust';
  /** Components by architecture; a missing architecture is not supported. */
  readonly components: Readonly<Partial<Record<KataArchitecture, readonly string[]>>>;
}

const components: Readonly<Record<string, Shim['components']>> = table.shims;

export const shims: ReadonlyMap<string, Shim> = new Map(
  Object.entries(components).map(([name, byArchitecture]) => [
    name,
    {
      name,
      language: Object.values(byArchitecture).some((list) => list.includes('shim-v2-rust')) ? 'rust' : 'go',
      components: byArchitecture,
    },
  ]),
);

export const kataArchitectures: Readonly<Record<GoArchitecture, KataArchitecture>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  s390x: 's390x',
  ppc64le: 'ppc64le',
};

/** Undefined for one that Kata does not support. */
export function toKataArchitecture(architecture: string): KataArchitecture | undefined {
  return Object.entries(kataArchitectures).find(([name]) => name === architecture)?.[1];
}

/** The components of a set of shims, each once, sorted. */
export function neededComponents(
  chosen: readonly Shim[],
  kataArchitecture: KataArchitecture,
): readonly string[] {
  const found = new Set<string>();
  for (const shim of chosen) for (const name of shim.components[kataArchitecture] ?? []) found.add(name);
  return [...found].toSorted();
}

/** Path of the shim's binary, relative to the installation. */
export function shimBinary(shim: Shim): string {
  return shim.language === 'rust' ? 'runtime-rs/bin/containerd-shim-kata-v2' : 'bin/containerd-shim-kata-v2';
}

/** By the resolved path of its binary. */
export function shimLanguage(binary: string): Shim['language'] {
  return /(^|\/)runtime-rs\/bin\/[^/]+$/.test(binary) ? 'rust' : 'go';
}

/** The shipped configuration of a shim, relative to the installation. */
export function shippedConfiguration(shim: Shim): string {
  return `${configurationDirectory(shim)}/configuration-${shim.name}.toml`;
}

/** Where the folders of handlers are, relative to the installation. */
export const runtimesDirectories: readonly string[] = [
  'share/defaults/kata-containers/runtimes',
  'share/defaults/kata-containers/runtime-rs/runtimes',
  'share/defaults/kata-containers/custom-runtimes',
];

/** The folder of a shim's own copy of its configuration and of its `config.d`, relative to the installation. */
export function runtimeDirectory(shim: Shim): string {
  return `${configurationDirectory(shim)}/runtimes/${shim.name}`;
}

/** The same for a custom runtime or a variant. Both languages share the parent directory. */
export function customRuntimeDirectory(handler: string): string {
  return `share/defaults/kata-containers/custom-runtimes/${handler}`;
}

function configurationDirectory(shim: Shim): string {
  const base = 'share/defaults/kata-containers';
  return shim.language === 'rust' ? `${base}/runtime-rs` : base;
}
