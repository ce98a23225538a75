/** The description of a setting: its variable, flag, kind and meaning. */
import type { Kind } from './kinds.ts';

export interface Field {
  /** Environment variable; those per architecture end with its name, such as `_X86_64`. */
  readonly variable: string;
  readonly perArchitecture?: true;
  /** In commander's notation, with the name of the field; only for settings that users type on a node. */
  readonly flag?: string;
  readonly group: Group;
  readonly kind: Kind;
  /** In the syntax of the variable. */
  readonly default?: string;
  /** For the reference page: the behaviour with neither a value nor a default. */
  readonly otherwise?: string;
  /** Set but empty is a value, and differs from unset. */
  readonly emptyIsValue?: true;
  /** Not allowed in the configuration file. */
  readonly notInFile?: true;
  /** Path of the chart value; absent when the chart sets it by itself, or when it is not for pods. */
  readonly value?: string;
  /** One line for `--help`. */
  readonly meaning: string;
  /** More for the reference page. */
  readonly detail?: string;
}

export const groups = [
  'Runtimes',
  'Installation',
  'Snapshotters',
  'Container runtime',
  'Node',
  'Program',
] as const;
export type Group = (typeof groups)[number];
