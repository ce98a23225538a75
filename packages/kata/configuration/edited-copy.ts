/** The private copy of a shipped configuration: only what no drop-in can set is changed in it. */
import { isArray, type TomlDocument } from '@kata/toml';
import type { ShimOptions } from '../shim-options.ts';
import type { Shim } from '../shims.ts';

export interface CopyOptions {
  readonly shim: Shim;
  readonly hypervisor: string;
  /** Undefined for a shim without options. */
  readonly desired: Pick<ShimOptions, 'hypervisorAnnotations' | 'forceGuestPull'> | undefined;
}

/** @throws KataError `KATA_TOML_EDIT` when the shipped text leaves no place for a setting */
export function editedCopy(shipped: TomlDocument, options: CopyOptions): TomlDocument {
  const { shim, hypervisor, desired } = options;
  if (desired === undefined) return shipped;
  const allowed = allowAnnotations(shipped, hypervisor, desired.hypervisorAnnotations);
  return desired.forceGuestPull ? forceGuestPull(allowed, shim) : allowed;
}

/** The annotations of the shipped configuration and the wanted ones, each once, sorted. */
export function allowAnnotations(
  configuration: TomlDocument,
  hypervisor: string,
  wanted: readonly string[],
): TomlDocument {
  if (wanted.length === 0) return configuration;
  const path = ['hypervisor', hypervisor, 'enable_annotations'];
  const present = configuration.get(path);
  const names = isArray(present) ? present.filter((name) => typeof name === 'string') : [];
  return configuration.set(path, [...new Set([...names, ...wanted])].toSorted());
}

/** Go has a setting for it, Rust an item in its list of experiments (upstream sets Go's for both). */
function forceGuestPull(configuration: TomlDocument, shim: Shim): TomlDocument {
  return shim.language === 'rust'
    ? configuration.addToArray(['runtime', 'experimental'], 'force_guest_pull')
    : configuration.set(['runtime', 'experimental_force_guest_pull'], true);
}
