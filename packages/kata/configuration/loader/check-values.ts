/** The checks that a runtime makes on its whole configuration before it starts a pod. */
import { getIn, isArray, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import type { Shim } from '../../shims.ts';
import { isHypervisor } from './check-keys.ts';
import { isVerityParams } from './verity-params.ts';

export interface ValueProblem {
  /** The keys that cause it, from the root: the entry that sets one of them last is at fault. */
  readonly paths: readonly (readonly string[])[];
  readonly message: string;
}

/** `effective`: the configuration with its drop-ins. */
export function checkValues(language: Shim['language'], effective: TomlTable): readonly ValueProblem[] {
  const hypervisors = getIn(effective, ['hypervisor']);
  const tables = Object.entries(isTable(hypervisors) ? hypervisors : {});
  return [
    ...tables.flatMap(([name, table]) => {
      const path = ['hypervisor', name];
      if (!isHypervisor(language, name)) {
        return [{ paths: [path], message: `${path.join('.')} is not a hypervisor of this runtime` }];
      }
      return isTable(table) ? checkHypervisor({ language, name, table }) : [];
    }),
    ...(language === 'rust' ? checkNames(effective) : []),
  ];
}

interface Hypervisor {
  readonly language: Shim['language'];
  readonly name: string;
  readonly table: TomlTable;
}

type Rule = (hypervisor: Hypervisor) => ValueProblem | undefined;

function checkHypervisor(hypervisor: Hypervisor): readonly ValueProblem[] {
  // The virtual machine is on another host, and so are its files.
  if (hypervisor.name === 'remote') return [];
  return rules.flatMap((rule) => rule(hypervisor) ?? []);
}

const rules: readonly Rule[] = [
  bootDisk,
  onlyOneDisk,
  sharedFileSystem,
  fileSystemDaemon,
  extensions,
  mustBeEmpty,
];

function problem({ name }: Hypervisor, keys: readonly string[], message: string): ValueProblem {
  return { paths: keys.map((key) => ['hypervisor', name, key]), message: `hypervisor.${name} ${message}` };
}

function text({ table }: Hypervisor, key: string): string {
  const value = getIn(table, [key]);
  return typeof value === 'string' ? value : '';
}

/** A guest of IBM Secure Execution boots from a single file. */
function isSecureExecution(hypervisor: Hypervisor): boolean {
  const isConfidential = getIn(hypervisor.table, ['confidential_guest']) === true;
  return isConfidential && text(hypervisor, 'machine_type') === 's390-ccw-virtio';
}

/** Go checks those of QEMU and Firecracker only when the virtual machine starts. */
function bootDisk(hypervisor: Hypervisor): ValueProblem | undefined {
  const { language, name } = hypervisor;
  const isChecked =
    language === 'go'
      ? ['clh', 'stratovirt'].includes(name)
      : name !== 'openvmm' && !isSecureExecution(hypervisor);
  if (!isChecked || text(hypervisor, 'image') !== '' || text(hypervisor, 'initrd') !== '') return undefined;
  return problem(hypervisor, ['image', 'initrd'], 'has neither an image nor an initrd');
}

function onlyOneDisk(hypervisor: Hypervisor): ValueProblem | undefined {
  if (text(hypervisor, 'image') === '' || text(hypervisor, 'initrd') === '') return undefined;
  return problem(hypervisor, ['image', 'initrd'], 'has both an image and an initrd');
}

/** Empty: the default. Firecracker and Dragonball ignore it in Go. */
function sharedFileSystem(hypervisor: Hypervisor): ValueProblem | undefined {
  const { language, name } = hypervisor;
  if (language === 'go' && ['firecracker', 'dragonball'].includes(name)) return undefined;
  const found = text(hypervisor, 'shared_fs');
  const allowed = ['', 'none', 'virtio-fs', 'virtio-fs-nydus'];
  if (language === 'rust') allowed.push('inline-virtio-fs');
  else if (name === 'qemu') allowed.push('virtio-9p');
  if (allowed.includes(found)) return undefined;
  return problem(hypervisor, ['shared_fs'], `has the unknown shared_fs "${found}"`);
}

/** Rust accepts an empty path. */
function fileSystemDaemon(hypervisor: Hypervisor): ValueProblem | undefined {
  const { language, name } = hypervisor;
  if (language === 'rust' || !['qemu', 'clh', 'stratovirt'].includes(name)) return undefined;
  const isNeeded = ['', 'virtio-fs', 'virtio-fs-nydus'].includes(text(hypervisor, 'shared_fs'));
  if (!isNeeded || text(hypervisor, 'virtio_fs_daemon') !== '') return undefined;
  return problem(
    hypervisor,
    ['virtio_fs_daemon', 'shared_fs'],
    'uses virtio-fs, but virtio_fs_daemon is empty',
  );
}

/** Go reads them for QEMU only. */
function extensions(hypervisor: Hypervisor): ValueProblem | undefined {
  const { language, name, table } = hypervisor;
  if (language === 'go' && name !== 'qemu') return undefined;
  const key = 'guest_extension_images';
  const images = getIn(table, [key]);
  const wrong = (isArray(images) ? images : []).map(wrongImage).find((found) => found !== undefined);
  return wrong === undefined ? undefined : problem(hypervisor, [key], `has a guest_extension_image ${wrong}`);
}

function wrongImage(image: TomlValue): string | undefined {
  if (!isTable(image)) return undefined;
  const { name, verity_params: verity } = image;
  if (typeof name !== 'string' || name === '') return 'without a name';
  if (typeof verity !== 'string' || isVerityParams(verity)) return undefined;
  return `"${name}" with invalid verity_params`;
}

const emptyKeys: Readonly<Record<string, readonly string[]>> = {
  qemu: ['jailer_path'],
  clh: ['jailer_path'],
  'cloud-hypervisor': ['jailer_path'],
  dragonball: ['path', 'firmware'],
};

function mustBeEmpty(hypervisor: Hypervisor): ValueProblem | undefined {
  if (hypervisor.language === 'go') return undefined;
  const filled = (emptyKeys[hypervisor.name] ?? []).find((key) => text(hypervisor, key) !== '');
  return filled === undefined ? undefined : problem(hypervisor, [filled], `must not have ${filled}`);
}

/** Rust selects its components by them and has no defaults. */
function checkNames(effective: TomlTable): readonly ValueProblem[] {
  return ['name', 'hypervisor_name', 'agent_name'].flatMap((key) => {
    const path = ['runtime', key];
    const found = getIn(effective, path);
    if (found !== undefined && found !== '') return [];
    return [{ paths: [path], message: `${path.join('.')} is not set` }];
  });
}
