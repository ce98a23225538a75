/** The generated files of a release: for each handler a private copy of a configuration, and its drop-ins. */
import { exitCodes, KataError } from '@kata/core';
import { renderDocument, TomlDocument, type TomlTable } from '@kata/toml';
import { releaseDirectory } from '../names.ts';
import { shippedConfiguration } from '../shims.ts';
import { editedCopy } from './edited-copy.ts';
import { debugDropIn, devkitDropIn, devkitRootHash } from './guest-debugging.ts';
import { type DesiredConfiguration, describeHandlers, type DesiredHandler } from './handlers.ts';
import { hypervisorName } from './hypervisor-name.ts';
import { kernelParamsDropIn } from './kernel-params.ts';
import { kubeletRootDropIn } from './kubelet-root.ts';
import { ownFiles, type ReleasePlace } from './own-files.ts';
import { refuseDropIn } from './refuse-drop-in.ts';

export interface GeneratedFile {
  readonly text: string;
  readonly isExecutable: boolean;
}

export interface GeneratedConfiguration {
  readonly handlers: readonly DesiredHandler[];
  /** By path, relative to the release. */
  readonly files: ReadonlyMap<string, GeneratedFile>;
  /** Paths of drop-ins that this configuration does not write: what an earlier run left there must be removed. */
  readonly absent: readonly string[];
}

/** The files of a release that `generateConfiguration` needs, by their paths in it. */
export function neededTexts(desired: DesiredConfiguration): readonly string[] {
  const configurations = describeHandlers(desired).map(({ base }) => shippedConfiguration(base));
  return [...new Set([...configurations, ...(desired.devkit ? [devkitRootHash] : [])])];
}

/**
 * `shipped` has the texts of `neededTexts` by path, as far as the release has them. The returned function generates the
 * files of a release with the given id; texts are parsed once for all ids.
 *
 * Unlike upstream we neither change the shipped configuration nor replace it with a link: it is in the manifest, and
 * its digest is verified. Readers of its old path see Kata's defaults.
 *
 * @throws KataError `KATA_CONFIG_BASE_MISSING`, `KATA_CONFIG_HYPERVISOR`, `KATA_CONFIG_HANDLER_TWICE`,
 * `KATA_CONFIG_INVALID`, `KATA_TOML_PARSE`, `KATA_TOML_EDIT`
 */
export function generateConfiguration(
  desired: DesiredConfiguration,
  shipped: ReadonlyMap<string, string>,
): (release: string) => GeneratedConfiguration {
  const handlers = describeHandlers(desired);
  const bases = new Map<string, ShippedBase>();
  return (release) => {
    const files = new Map<string, GeneratedFile>();
    for (const handler of handlers) {
      const { name } = handler.base;
      const base = bases.get(name) ?? readBase(handler, { desired, release, shipped });
      bases.set(name, base);
      for (const [path, file] of handlerFiles(handler, base, { desired, release, shipped }))
        files.set(path, file);
    }
    return { handlers, files, absent: absentDropIns(handlers, files) };
  };
}

interface GenerationContext {
  readonly desired: DesiredConfiguration;
  readonly release: string;
  readonly shipped: ReadonlyMap<string, string>;
}

/** The configuration that is shipped for a shim, and its copy with the settings, which is the same in every release. */
interface ShippedBase {
  readonly value: TomlTable;
  readonly hypervisor: string;
  readonly copy: string;
}

function readBase(handler: DesiredHandler, { desired, release, shipped }: GenerationContext): ShippedBase {
  const { base } = handler;
  const source = shippedConfiguration(base);
  const text = shipped.get(source);
  if (text === undefined) throw missing(handler, release, source);
  const document = TomlDocument.parse(text, source);
  const hypervisor = hypervisorName(document.value, source);
  const copy = editedCopy(document, { shim: base, hypervisor, desired: desired.options.get(base.name) });
  return { value: document.value, hypervisor, copy: copy.text };
}

function absentDropIns(
  handlers: readonly DesiredHandler[],
  files: ReadonlyMap<string, GeneratedFile>,
): readonly string[] {
  const possible = handlers.flatMap(({ directory }) =>
    dropInNames.map((name) => `${directory}/config.d/${name}`),
  );
  return possible.filter((path) => !files.has(path));
}

/** All other names in a `config.d` belong to the administrator. */
const dropInNames = [
  '10-installation-prefix.toml',
  '20-debug.toml',
  '22-k0s-kubelet-root.toml',
  '25-devkit.toml',
  '30-kernel-params.toml',
  '50-user-overrides.toml',
  '50-overrides.toml',
] as const;

type DropInName = (typeof dropInNames)[number];

function handlerFiles(
  handler: DesiredHandler,
  { value, hypervisor, copy }: ShippedBase,
  { desired, release, shipped }: GenerationContext,
): ReadonlyMap<string, GeneratedFile> {
  const place = { prefix: desired.prefix, directory: releaseDirectory(desired.prefix, release) };
  const { base, directory } = handler;
  const { wrapper, dropIn: own } = ownFiles(value, hypervisor, place);
  const tables: readonly DropIn[] = [
    ['10-installation-prefix.toml', 'The files of this release, by their own paths.', own],
    ...desiredDropIns(handler, value, hypervisor, {
      desired,
      place,
      rootHash: shipped.get(devkitRootHash),
    }),
  ];

  const configuration = banner(`${desired.prefix}/${directory}`) + copy;
  const dropIns = new Map<string, string>();
  for (const [name, comment, table] of tables) {
    if (table !== undefined) dropIns.set(name, renderDocument(table, comment));
  }
  const { dropIn } = handler;
  if (dropIn !== undefined) dropIns.set(dropIn.name, dropIn.text);
  refuseDropIn(handler, release, { configuration, dropIns });

  const files = new Map([[`${directory}/configuration-${base.name}.toml`, plain(configuration)]]);
  for (const [name, text] of dropIns) files.set(`${directory}/config.d/${name}`, plain(text));
  if (wrapper !== undefined) files.set(wrapper.path, { text: wrapper.text, isExecutable: true });
  return files;
}

/** Without a table there is no file. */
type DropIn = readonly [name: DropInName, comment: string, table: TomlTable | undefined];

interface DropInContext {
  readonly desired: DesiredConfiguration;
  readonly place: ReleasePlace;
  readonly rootHash: string | undefined;
}

function desiredDropIns(
  { base, variant }: DesiredHandler,
  shipped: TomlTable,
  hypervisor: string,
  { desired, place, rootHash }: DropInContext,
): readonly DropIn[] {
  const options = desired.options.get(base.name);
  const isDebugging = variant !== 'plain';
  const { directory } = place;
  return [
    ['20-debug.toml', 'Debugging.', isDebugging ? debugDropIn(hypervisor) : undefined],
    [
      '22-k0s-kubelet-root.toml',
      "Where this node's kubelet keeps its files.",
      kubeletRootDropIn(shipped, base, desired.kubeletRoot),
    ],
    [
      '25-devkit.toml',
      'Tools for debugging in the guest, after the images that are shipped.',
      variant === 'devkit' ? devkitDropIn(shipped, { hypervisor, directory, rootHash }) : undefined,
    ],
    [
      '30-kernel-params.toml',
      'What is shipped, and what this handler adds.',
      kernelParamsDropIn(shipped, hypervisor, options, isDebugging),
    ],
  ];
}

function plain(text: string): GeneratedFile {
  return { text, isExecutable: false };
}

function banner(directory: string): string {
  return `# Managed by kata-deploy, which replaces this file. Put your own settings into ${directory}/config.d/.\n`;
}

function missing({ name, base }: DesiredHandler, release: string, path: string): KataError {
  return new KataError(
    'KATA_CONFIG_BASE_MISSING',
    `release ${release} has no configuration ${path}, which the handler ${name} needs for the shim ${base.name}`,
    {
      exitCode: exitCodes.precondition,
      details: { handler: name, shim: base.name, release, path },
      hint: `remove ${base.name} from the enabled shims, or use a payload that contains it`,
    },
  );
}
