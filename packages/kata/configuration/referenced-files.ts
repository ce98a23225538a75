/** Which files a configuration needs on the node. */
import { getIn, isArray, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import { effectiveConfiguration } from './effective-configuration.ts';

/** In a table of a hypervisor; taken from the templates of all shims. */
const fileKeys = [
  'path',
  'ctlpath',
  'jailer_path',
  'kernel',
  'image',
  'initrd',
  'firmware',
  'firmware_volume',
  'pflashes',
];

/** Ways to share files that need no daemon, although the shipped configuration may name one that is not there. */
const withoutDaemon: readonly (TomlValue | undefined)[] = ['none', 'inline-virtio-fs', 'virtio-9p'];

/**
 * The absolute paths that the effective configuration names, sorted, each once. `texts`: the configuration, then the
 * files of its `config.d` in the order of their names.
 *
 * @throws KataError `KATA_TOML_PARSE`
 */
export function referencedFiles(texts: readonly string[]): readonly string[] {
  const hypervisors = getIn(effectiveConfiguration(texts), ['hypervisor']);
  const tables = isTable(hypervisors) ? Object.values(hypervisors).filter(isTable) : [];
  return [...new Set(tables.flatMap(filesOf))].toSorted();
}

function filesOf(hypervisor: TomlTable): readonly string[] {
  const extensions = hypervisor['guest_extension_images'];
  const named = [
    ...fileKeys.flatMap((key) => hypervisor[key] ?? []),
    ...(withoutDaemon.includes(hypervisor['shared_fs']) ? [] : [hypervisor['virtio_fs_daemon']]),
    ...(isArray(extensions) ? extensions.map((image) => (isTable(image) ? image['path'] : undefined)) : []),
  ];
  return named.filter((path) => typeof path === 'string').filter((path) => path.startsWith('/'));
}
