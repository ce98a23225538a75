/** Finds the hypervisor's table in a configuration. */
import { exitCodes, KataError } from '@kata/core';
import { getIn, isTable, type TomlTable } from '@kata/toml';

/**
 * The name below `[hypervisor]`, such as `qemu`. It is read, not derived from the shim's name, because releases differ
 * (`clh`, earlier `cloud-hypervisor`). `file` names the configuration in errors.
 *
 * @throws KataError `KATA_CONFIG_HYPERVISOR` when there is not exactly one
 */
export function hypervisorName(configuration: TomlTable, file: string): string {
  const names = Object.entries(getTable(configuration, 'hypervisor')).flatMap(([name, value]) =>
    isTable(value) ? name : [],
  );
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new KataError(
    'KATA_CONFIG_HYPERVISOR',
    `${file} has ${names.length} tables [hypervisor.NAME], but must have one`,
    {
      exitCode: exitCodes.precondition,
      details: { file, names },
      hint: 'use a release in which each configuration has one table [hypervisor.NAME]',
    },
  );
}

function getTable(configuration: TomlTable, name: string): TomlTable {
  const found = getIn(configuration, [name]);
  return isTable(found) ? found : {};
}
