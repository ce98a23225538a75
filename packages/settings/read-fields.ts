/** Takes each setting from the first source that has it: flag, environment, file, default. */
import type { KataArchitecture } from '@kata/kata';
import { readConfigFile } from './config-file.ts';
import { kinds } from './kinds.ts';
import { type Field, fieldList, fields, type FieldName, type FieldValue, variableName } from './model.ts';
import type { Problems } from './problems.ts';
import type { ReadFile } from './read-text.ts';

export interface SettingsSources {
  /** By name of the field: texts, or booleans for flags without a value. Unknown names are ignored. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
  /** Of this machine: it selects among variables per architecture. */
  readonly kataArchitecture: KataArchitecture;
}

export interface Given<T> {
  readonly value: T;
  /** Name for users: a variable, a flag, or a file and its key. A default has the name of its variable. */
  readonly source: string;
  /** No source has a value. */
  readonly isDefault?: boolean;
}

/** Every setting by its name. */
export type GivenFields = { readonly [Name in FieldName]: Given<FieldValue<Name>> };

/** An invalid value becomes a problem, and is replaced by the default. */
export async function readFields(sources: SettingsSources, problems: Problems): Promise<GivenFields> {
  const { value: path, source } = readField('config', fields.config, sources, new Map(), problems);
  const inFile = new Map<string, Given<unknown>>();
  if (typeof path === 'string') {
    const content = await readConfigFile(path, source, { readFile: sources.readFile, problems });
    for (const [key, value] of content) inFile.set(key, { value, source: `${path}: ${key}` });
  }
  return Object.fromEntries(
    fieldList.map(([name, field]) => [name, readField(name, field, sources, inFile, problems)]),
  ) as unknown as GivenFields;
}

function readField(
  name: FieldName,
  field: Field,
  sources: SettingsSources,
  inFile: ReadonlyMap<string, Given<unknown>>,
  problems: Problems,
): Given<unknown> {
  const given =
    fromFlag(name, field, sources) ??
    fromEnvironment(field, sources) ??
    (field.notInFile === true ? undefined : inFile.get(name));
  const fallback = { value: defaultValue(field), source: variableName(field, sources.kataArchitecture) };
  if (given === undefined || given.value === undefined || given.value === null) {
    return { ...fallback, isDefault: true };
  }
  const { allowed, schema } = kinds[field.kind];
  const result = schema.safeParse(given.value);
  if (result.success) return { value: result.data, source: given.source };
  for (const issue of result.error.issues) {
    problems.add(`${given.source} ${issue.message}`, `${given.source} takes ${allowed}`);
  }
  return { ...fallback, source: given.source };
}

function fromFlag(name: FieldName, field: Field, sources: SettingsSources): Given<unknown> | undefined {
  const value =
    field.flag === undefined || !Object.hasOwn(sources.flags, name) ? undefined : sources.flags[name];
  if (value === undefined) return undefined;
  return { value: trim(value), source: field.flag?.split(' ')[0] ?? name };
}

/** Set but empty counts as unset, as with upstream, unless the model says otherwise. */
function fromEnvironment(field: Field, sources: SettingsSources): Given<unknown> | undefined {
  const source = variableName(field, sources.kataArchitecture);
  const value = sources.environment[source]?.trim();
  if (value === undefined || (value === '' && field.emptyIsValue !== true)) return undefined;
  return { value, source };
}

function trim(value: unknown): unknown {
  return typeof value === 'string' ? value.trim() : value;
}

function defaultValue(field: Field): unknown {
  return field.default === undefined ? undefined : kinds[field.kind].schema.parse(field.default);
}
