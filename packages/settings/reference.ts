/** Writes the page of all settings from the model. */
import { defaultShims, type KataArchitecture, shims } from '@kata/kata';
import { kinds } from './kinds.ts';
import { type Field, fieldList, type FieldName, groups, variableName } from './model.ts';

const architectures: readonly KataArchitecture[] = ['x86_64', 'aarch64', 's390x', 'ppc64le'];

const introduction = `# Settings of kata-deploy

Written by \`npm run reference\` from \`packages/settings/model.ts\`; do not edit.

Each setting is taken from the first of these that has it:

1. the flag;
2. the variable of the environment; set but empty counts as unset, but for \`SHIMS_<ARCH>\`;
3. the key of the configuration file, which \`--config\` or \`KATA_DEPLOY_CONFIG\` names;
4. the default.

\`<ARCH>\` is \`X86_64\`, \`AARCH64\`, \`S390X\` or \`PPC64LE\`; only the variables of the node's own architecture are read.
Whatever is not understood is refused before anything changes on the machine, all of it at once, with exit code 2.
\`firecracker\` is another name of the shim \`fc\`.

The file is YAML or JSON and describes one machine. A key takes the text of its variable or the like as data: a list for
what is separated, a mapping for what is given by shim. Keys that are not in this page are refused.

    shims: [qemu, clh]
    debug: true
    snapshotterMapping:
      qemu: nydus
    hypervisorAnnotations:
      qemu: [default_vcpus, default_memory]
    httpsProxy: http://proxy.example:3128
`;

const customRuntimes = `## Custom runtimes and drop-ins

In the folder \`KATA_CUSTOM_CONFIGS\`:

| file | read | content |
|---|---|---|
| \`custom-runtimes.list\` | with \`CUSTOM_RUNTIMES_ENABLED\` | one \`handler:baseConfig:snapshotter:pullType\` a line, the last two may be empty; lines with \`#\` are comments |
| \`dropin-<handler>.toml\` | for each handler of the list | TOML on top of the configuration of its \`baseConfig\` |
| \`dropin-<shim>.toml\` | for each enabled shim | TOML on top of the shim's configuration |

A handler is a DNS label of its own: not that of any shim (\`kata-<shim>\`, with or without suffix, \`-debug\` or
\`-devkit\`), no shim's name, and none of \`runc\`, \`crun\` and \`untrusted\`. \`baseConfig\` is a shim for the architecture; it need not be
enabled. A custom runtime has what is set for its \`baseConfig\`, or for all shims, of proxies, annotations and pulling in
the guest; snapshotter, pull type and drop-in are its own.

A drop-in is read as Kata's runtime reads it. A value of the wrong type is refused, and so is what the runtime of the
payload does not start with, such as a key that Kata 4.1 or newer does not know.
`;

export function renderReference(): string {
  return [introduction, ...groups.map(renderGroup), customRuntimes, renderShims()].join('\n');
}

function renderGroup(group: Field['group']): string {
  const rows = fieldList.filter(([, field]) => field.group === group);
  return table(
    group,
    ['variable', 'key', 'flag', "chart's value", 'default', 'meaning', 'allowed'],
    rows.map(([name, field]) => renderField(name, field)),
  );
}

function renderField(name: FieldName, field: Field): readonly string[] {
  const detail = field.detail === undefined ? '' : `. ${field.detail}`;
  return [
    code(variableName(field)),
    field.notInFile === true ? '' : code(name),
    field.flag === undefined ? '' : code(field.flag),
    field.value === undefined ? '' : code(field.value),
    field.default === undefined ? (field.otherwise ?? 'none') : code(field.default),
    `${field.meaning}${detail}`.replaceAll('<', String.raw`\<`),
    kinds[field.kind].allowed,
  ];
}

function renderShims(): string {
  const cell = (name: string, kataArchitecture: KataArchitecture): string => {
    if (defaultShims(kataArchitecture).some((shim) => shim.name === name)) return 'default';
    return shims.get(name)?.components[kataArchitecture] === undefined ? '' : 'by name';
  };
  return table(
    'Shims',
    ['shim', ...architectures],
    [...shims.keys()].map((name) => [code(name), ...architectures.map((each) => cell(name, each))]),
  );
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [`## ${title}`, '', line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line), ''].join(
    '\n',
  );
}

function code(text: string): string {
  return `\`${text}\``;
}
