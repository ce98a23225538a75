/** Drop-ins of the debugging handlers: they change the measurements of the guest, so the plain handler never has them. */
import { getIn, isArray, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import { moved } from './own-files.ts';

const guestFiles = 'share/kata-containers';

/** Relative to the release: one line with the parameters for dm-verity; absent in builds that do not measure. */
export const devkitRootHash = `${guestFiles}/root_hash_devkit-extension.txt`;

export function debugDropIn(hypervisor: string): TomlTable {
  return {
    hypervisor: { [hypervisor]: { enable_debug: true } },
    agent: { kata: { enable_debug: true, debug_console_enabled: true } },
    runtime: { enable_debug: true },
  };
}

export interface DevkitOptions {
  readonly hypervisor: string;
  readonly directory: `/${string}`;
  /** Content of `devkitRootHash`. */
  readonly rootHash: string | undefined;
}

/** Attaches the image with the tools last, so that the shipped images keep their devices. */
export function devkitDropIn(shipped: TomlTable, options: DevkitOptions): TomlTable {
  const { hypervisor, directory, rootHash } = options;
  const present = getIn(shipped, ['hypervisor', hypervisor, 'guest_extension_images']);
  const others = (isArray(present) ? present : []).filter(
    (image) => !isTable(image) || image['name'] !== 'devkit',
  );
  const verity = rootHash?.trim().split('\n')[0] ?? '';
  const devkit = {
    name: 'devkit',
    path: `${directory}/${guestFiles}/kata-containers-devkit-extension.img`,
    ...(verity === '' ? {} : { verity_params: verity }),
  };
  // A drop-in replaces the whole array, so it repeats the shipped images.
  const images = [...others.map((image) => ownImage(image, directory)), devkit];
  return {
    hypervisor: { [hypervisor]: { guest_extension_images: images } },
    agent: { kata: { debug_console_enabled: true } },
  };
}

function ownImage(image: TomlValue, directory: string): TomlValue {
  if (!isTable(image) || typeof image['path'] !== 'string') return image;
  return { ...image, path: moved(image['path'], directory) ?? image['path'] };
}
