/** Every setting with its variable, flag and meaning: plain data that loads no library, so that `--help` is fast. */
import type { Field } from './field.ts';
import type { KindValue } from './kinds.ts';
import { machineFields } from './machine-fields.ts';
import { runtimeFields } from './runtime-fields.ts';

export { type Field, type Group, groups } from './field.ts';

/** The keys are those of the configuration file. */
export const fields = { ...runtimeFields, ...machineFields } as const satisfies Readonly<
  Record<string, Field>
>;

export type FieldName = keyof typeof fields;

/** The same table with rows of type `Field`. */
export const fieldList: readonly (readonly [FieldName, Field])[] = Object.entries(fields) as [
  FieldName,
  Field,
][];

export type FieldValue<Name extends FieldName> =
  | KindValue<(typeof fields)[Name]['kind']>
  | ((typeof fields)[Name] extends { readonly default: string } ? never : undefined);

/** Full name of the variable for one architecture, or with `<ARCH>` for all. */
export function variableName(field: Field, kataArchitecture = '<ARCH>'): string {
  return field.perArchitecture === true
    ? `${field.variable}_${kataArchitecture.toUpperCase()}`
    : field.variable;
}
