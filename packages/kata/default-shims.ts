/** The shims that are installed when the settings name none. */
import { type KataArchitecture, type Shim, shims } from './shims.ts';

/** They need a remote service, or a host of one provider. */
const onlyByName: readonly string[] = [
  'remote',
  'clh-azure',
  'clh-azure-runtime-rs',
  'openvmm-azure-runtime-rs',
];

/**
 * On arm64 Kata has no configuration for the shim of Cloud Hypervisor in Rust, and ships one for Dragonball that does
 * not load; upstream's chart has none of these there.
 */
const onlyByNameOn: Readonly<Partial<Record<KataArchitecture, readonly string[]>>> = {
  aarch64: ['clh', 'clh-runtime-rs', 'dragonball', 'fc'],
};

export function defaultShims(kataArchitecture: KataArchitecture): readonly Shim[] {
  return [...shims.values()].filter(
    (shim) => isUsual(shim, kataArchitecture) && !onlyByName.includes(shim.name),
  );
}

/** Whether a shim that is enabled without naming architectures is enabled on this one. */
export function isUsual(shim: Shim, kataArchitecture: KataArchitecture): boolean {
  const unusual = onlyByNameOn[kataArchitecture] ?? [];
  return shim.components[kataArchitecture] !== undefined && !unusual.includes(shim.name);
}
