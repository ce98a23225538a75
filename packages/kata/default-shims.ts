/** The shims that are installed when nobody names any. */
import { type KataArchitecture, type Shim, shims } from './shims.ts';

/** They need a peer elsewhere, or a host of one provider. */
const onlyByName: readonly string[] = [
  'remote',
  'clh-azure',
  'clh-azure-runtime-rs',
  'openvmm-azure-runtime-rs',
];

export function defaultShims(architecture: KataArchitecture): readonly Shim[] {
  return [...shims.values()].filter(
    (shim) => shim.components[architecture] !== undefined && !onlyByName.includes(shim.name),
  );
}
