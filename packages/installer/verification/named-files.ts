/** The files that a Kata configuration names, as far as they are set in the usual keys. */
import { getIn, isTable, TomlDocument, type TomlTable, type TomlValue } from '@kata/toml';

const fileKeys = [
  'path',
  'kernel',
  'image',
  'initrd',
  'firmware',
  'firmware_volume',
  'jailer_path',
  'virtio_fs_daemon',
];

/** Later texts win, key by key. */
export function namedFiles(texts: readonly string[]): readonly string[] {
  const hypervisors = new Map<string, TomlTable>();
  for (const text of texts) {
    const tables = getIn(TomlDocument.parse(text, 'the Kata configuration').value, ['hypervisor']);
    for (const [name, table] of Object.entries(isTable(tables) ? tables : {})) {
      if (isTable(table)) hypervisors.set(name, { ...hypervisors.get(name), ...table });
    }
  }
  const values = [...hypervisors.values()].flatMap((table): readonly (TomlValue | undefined)[] =>
    fileKeys.map((key) => table[key]),
  );
  const paths = values.filter((value) => typeof value === 'string').filter((path) => path.startsWith('/'));
  return [...new Set(paths)].toSorted();
}
