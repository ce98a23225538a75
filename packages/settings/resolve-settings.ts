/** Resolves the settings from their sources, or reports all problems. */
import { handlerName, installationDirectory, type Shim, shims } from '@kata/kata';
import {
  chooseDefaultShim,
  chooseShims,
  findEnabledShim,
  findShim,
  supportsArchitecture,
} from './choose-shims.ts';
import { readCustomRuntimes, readShimDropIns } from './custom-runtimes.ts';
import type { FieldName, FieldValue } from './model.ts';
import { Problems } from './problems.ts';
import { type GivenFields, readFields, type SettingsSources } from './read-fields.ts';
import { type FileSource, readToml } from './read-text.ts';
import { type EnabledShims, resolveShimOptions } from './resolve-shim-options.ts';
import type { ContainerdSettings, Settings } from './settings.ts';

export interface ResolvedSettings {
  readonly settings: Settings;
  /** Includes settings that are not about the installation, such as the path of the payload. */
  readonly values: { readonly [Name in FieldName]: FieldValue<Name> };
}

/** @throws KataError `KATA_CONFIG_INVALID` with a line for each problem, before anything is changed. */
export async function resolveSettings(sources: SettingsSources): Promise<ResolvedSettings> {
  const problems = new Problems();
  const fields = await readFields(sources, problems);
  const settings = await settingsOf(fields, sources, problems);
  problems.throwIfAny();
  const values = Object.fromEntries(Object.entries(fields).map(([name, given]) => [name, given.value]));
  return { settings, values: values as unknown as ResolvedSettings['values'] };
}

async function settingsOf(
  fields: GivenFields,
  { kataArchitecture, readFile }: SettingsSources,
  problems: Problems,
): Promise<Settings> {
  const source: FileSource = { readFile, problems };
  const chosen = chooseShims(fields.shims, kataArchitecture, problems);
  const enabled: EnabledShims = { kataArchitecture, shims: chosen, problems };
  const dropIns = await readShimDropIns(chosen, fields.customConfigs.value, source);
  const customRuntimes = await readCustomRuntimes(fields, kataArchitecture, source);
  const bases = customRuntimes.map(({ base }) => base);
  const settings: Settings = {
    prefix: installationDirectory(fields.prefix.value ?? '', fields.suffix.value ?? ''),
    suffix: fields.suffix.value ?? '',
    kataArchitecture,
    shims: chosen,
    options: resolveShimOptions(fields, enabled, dropIns, bases),
    customRuntimes,
    defaultShim: chooseDefaultShim(fields.defaultShim, chosen, problems),
    debug: fields.debug.value,
    devkit: fields.devkit.value,
    snapshotters: {
      setup: [...new Set(fields.snapshotterSetup.value)],
      erofsMergeMode: fields.erofsMergeMode.value,
      erofsSnapshotterMode: fields.erofsSnapshotterMode.value,
      erofsDmverity: fields.erofsDmverity.value,
    },
    startupTaints: fields.startupTaints.value ?? [],
    containerd: {
      ...(await containerdOf(fields, source)),
      ...untrustedOf(fields, enabled),
    },
    distribution: fields.distribution.value,
    containerRuntimeVersion: fields.containerRuntimeVersion.value,
    nodeMachineId: fields.nodeMachineId.value,
    healthPort: fields.healthPort.value,
  };
  checkTogether(settings, fields, problems);
  return settings;
}

async function containerdOf(fields: GivenFields, source: FileSource): Promise<ContainerdSettings> {
  const { value: configFileName, isDefault = false } = fields.containerdConfigFileName;
  const file = isDefault ? { configFileName } : { configFileName, isConfigFileGiven: true };
  const { value: path, source: variable } = fields.containerdUserDropIn;
  if (path === undefined) return file;
  const text = await readToml(path, source, `${variable} names ${path}, which does not exist`);
  return text === undefined ? file : { ...file, userDropIn: { text, source: path } };
}

/** The value is for nodes of all architectures: a shim that does not exist for this one is ignored. */
function untrustedOf(
  { untrustedShim: { value, source } }: GivenFields,
  { kataArchitecture, shims: chosen, problems }: EnabledShims,
): Pick<ContainerdSettings, 'untrustedShim'> {
  const named = value === undefined ? undefined : findShim(value);
  if (named !== undefined && !supportsArchitecture(named, kataArchitecture)) return {};
  const shim = value === undefined ? undefined : findEnabledShim(value, source, chosen, problems);
  return shim === undefined ? {} : { untrustedShim: shim.name };
}

/** Checks settings that are valid alone, but not in combination. */
function checkTogether(settings: Settings, fields: GivenFields, problems: Problems): void {
  checkNotEmpty(settings, fields, problems);
  if (settings.devkit && !settings.debug) {
    problems.add(
      `${fields.devkit.source} needs ${fields.debug.source}`,
      `set ${fields.debug.source} to true as well`,
    );
  }
  if (settings.suffix === 'default') {
    problems.add(
      `${fields.suffix.source} "default" is reserved for the installation without a suffix`,
      'use another suffix',
    );
  }
  const alike = [...shims.keys()].find((shim) => hasNameOfAnother(shim, settings.suffix));
  if (alike !== undefined) {
    const handler = handlerName(alike, settings.suffix);
    problems.add(
      `${fields.suffix.source} "${settings.suffix}" would give a handler the name ${handler}, which is the name of another handler`,
      'use a suffix that is not part of a handler name',
    );
  }
  checkErofs(settings, fields, problems);
}

function hasNameOfAnother(shim: string, suffix: string): boolean {
  return suffix !== '' && (shims.has(`${shim}-${suffix}`) || /(^|-)(debug|devkit)$/.test(suffix));
}

function checkNotEmpty(settings: Settings, fields: GivenFields, problems: Problems): void {
  const { kataArchitecture, customRuntimes } = settings;
  if (fields.shims.value?.length !== 0 || customRuntimes.length > 0) return;
  const isCustom = fields.customRuntimesEnabled.value;
  const known = [...shims.values()]
    .filter((shim) => supportsArchitecture(shim, kataArchitecture))
    .map(({ name }) => name);
  problems.add(
    `${fields.shims.source} names no shim${isCustom ? `, and no custom runtime is made for ${kataArchitecture}` : ''}`,
    `name one or more of ${known.join(', ')}${isCustom ? '' : ', or enable custom runtimes'}`,
  );
}

/** Only shims in Rust can use the merged layers of erofs. */
function checkErofs(settings: Settings, fields: GivenFields, problems: Problems): void {
  if (settings.snapshotters.erofsMergeMode !== 'merged') return;
  const refuse = (source: string, name: string, shim: Shim): void => {
    if (shim.language === 'rust') return;
    problems.add(
      `${source} gives "${name}" the snapshotter erofs, which with merged layers supports only shims in Rust`,
      `use a shim that is written in Rust, or set ${fields.erofsMergeMode.source} to unmerged`,
    );
  };
  for (const shim of settings.shims) {
    if (settings.options.get(shim.name)?.snapshotter === 'erofs') {
      refuse(fields.snapshotterMapping.source, shim.name, shim);
    }
  }
  for (const { handler, base, snapshotter } of settings.customRuntimes) {
    if (snapshotter === 'erofs') refuse(fields.customRuntimesEnabled.source, handler, base);
  }
}
