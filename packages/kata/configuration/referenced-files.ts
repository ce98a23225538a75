/** Which files a configuration needs on the node. */
import { getIn, isArray, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import type { Shim } from '../shims.ts';
import { entryAtFault, type LoadedConfiguration } from './loader/load-configuration.ts';

/** In the table of a hypervisor; from the templates of all shims. */
const fileKeys = [
  'path',
  'ctlpath',
  'jailer_path',
  'kernel',
  'image',
  'initrd',
  'firmware',
  'firmware_volume',
  'igvm',
  'pflashes',
];

/** Values of `shared_fs` that need no daemon, although the shipped configuration may name a missing one. */
const withoutDaemon: readonly (TomlValue | undefined)[] = ['none', 'inline-virtio-fs', 'virtio-9p'];

export interface ReferencedFile {
  /** Absolute. */
  readonly path: string;
  /** Name of the drop-in that names it; undefined: the configuration itself. */
  readonly entry: string | undefined;
}

/** The absolute paths that the effective configuration names, sorted, each once. */
export function referencedFiles(
  language: Shim['language'],
  { effective, layers }: Pick<LoadedConfiguration, 'effective' | 'layers'>,
): readonly ReferencedFile[] {
  const hypervisors = getIn(effective, ['hypervisor']);
  const found = new Map<string, ReferencedFile>();
  for (const [name, table] of Object.entries(isTable(hypervisors) ? hypervisors : {})) {
    for (const [key, path] of isTable(table) ? filesOf(language, name, table) : []) {
      found.set(path, { path, entry: entryAtFault(layers, [['hypervisor', name, key]]) });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** With the key that names each. */
function filesOf(
  language: Shim['language'],
  name: string,
  hypervisor: TomlTable,
): readonly (readonly [key: string, path: string])[] {
  // Go ignores them for hypervisors that do not use them.
  const isQemu = name === 'qemu';
  const ignored =
    language === 'rust' ? ['firmware_volume', 'igvm'] : isQemu ? [] : ['firmware_volume', 'igvm', 'pflashes'];
  const daemons = withoutDaemon.includes(hypervisor['shared_fs']) ? [] : ['virtio_fs_daemon'];
  const named = [...fileKeys.filter((key) => !ignored.includes(key)), ...daemons].flatMap((key) => {
    const value = hypervisor[key];
    return (isArray(value) ? value : [value]).map((path) => [key, path] as const);
  });
  const images = hypervisor['guest_extension_images'];
  const extensions = (isArray(images) && (language === 'rust' || isQemu) ? images : []).map(
    (image) => ['guest_extension_images', isTable(image) ? image['path'] : undefined] as const,
  );
  return [...named, ...extensions].flatMap(([key, path]) =>
    typeof path === 'string' && path.startsWith('/') ? [[key, path] as const] : [],
  );
}
