/** The parameters of an upgrade as texts, as flags and workflows give them; an empty text stands for the default. */
import { exitCodes, KataError } from '@kata/core';
import type { NodeQuery, Policy, RollbackScope } from '@kata/rollout';

const rollbackScopes = ['node', 'run', 'none'] as const satisfies readonly RollbackScope[];

interface Parameter {
  readonly default: string;
  readonly meaning: string;
}

/** By the name of the workflow's parameter. */
export const runParameters = {
  'target-version': { default: '', meaning: 'version of the chart and of Kata' },
  'node-name': { default: '', meaning: 'only the node of this name' },
  'node-selector': { default: '', meaning: 'label selector of nodes' },
  'node-taint-key': { default: '', meaning: 'only nodes with a taint of this key' },
  'node-taint-value': { default: '', meaning: 'and of this value' },
  'batch-size': { default: '1', meaning: 'nodes at a time' },
  'drain-enabled': { default: 'false', meaning: 'evict the pods of a node before it is upgraded' },
  'drain-timeout': { default: '300s', meaning: 'for the pods of one node' },
  'verification-pod': { default: '', meaning: 'YAML of the pod that verifies a node, or base64 of it' },
  'verification-namespace': { default: 'default', meaning: 'where that pod runs' },
  'verification-timeout': { default: '180s', meaning: 'for that pod to end, without the pull of its image' },
  'helm-set-values': { default: '', meaning: "values in addition to the release's: KEY=VALUE,…" },
  'rollback-scope': {
    default: 'node',
    meaning: `what goes back when a node fails: ${rollbackScopes.join(', ')}`,
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type RunParameter = keyof typeof runParameters;

export interface ParsedParameters {
  readonly version: string;
  readonly query: NodeQuery;
  readonly policy: Pick<Policy, 'batchSize' | 'drain' | 'rollbackScope'>;
  readonly verification: {
    readonly pod: string;
    readonly namespace: string;
    readonly timeoutMs: number;
  };
  readonly setValues: string;
}

type GivenParameters = Readonly<Partial<Record<RunParameter, string | undefined>>>;

/** Of commands that name nodes. `verification` is undefined when no pod is given. @throws KataError `KATA_LIFECYCLE_PARAMETER` */
export function parseNodeParameters(given: GivenParameters): {
  readonly batchSize: number;
  readonly verification: ParsedParameters['verification'] | undefined;
} {
  const text = (name: RunParameter): string => textOf(given, name);
  const pod = text('verification-pod');
  const timeoutMs = duration('verification-timeout', text('verification-timeout'));
  const namespace = text('verification-namespace');
  return {
    batchSize: wholeNumber('batch-size', text('batch-size')),
    verification: pod === '' ? undefined : { pod, namespace, timeoutMs },
  };
}

/** @throws KataError `KATA_LIFECYCLE_PARAMETER` */
export function parseParameters(given: GivenParameters): ParsedParameters {
  const text = (name: RunParameter): string => textOf(given, name);
  const required = (name: RunParameter): string => {
    if (text(name) !== '') return text(name);
    throw refused(name, 'it is empty', runParameters[name].meaning);
  };
  const drainMs = duration('drain-timeout', text('drain-timeout'));
  return {
    version: required('target-version').replace(/^v(?=\d)/, ''),
    query: {
      name: text('node-name'),
      labelSelector: text('node-selector'),
      taintKey: text('node-taint-key'),
      taintValue: text('node-taint-value'),
    },
    policy: {
      batchSize: wholeNumber('batch-size', text('batch-size')),
      drain: flag('drain-enabled', text('drain-enabled')) ? { timeoutMs: drainMs } : null,
      rollbackScope: scope(text('rollback-scope')),
    },
    verification: {
      pod: required('verification-pod'),
      namespace: text('verification-namespace'),
      timeoutMs: duration('verification-timeout', text('verification-timeout')),
    },
    setValues: text('helm-set-values'),
  };
}

function textOf(given: GivenParameters, name: RunParameter): string {
  return given[name]?.trim() || runParameters[name].default;
}

const unitsMs: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };

function duration(name: RunParameter, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  const ms = Number(count) * (unitsMs[unit] ?? 0);
  if (count !== '' && ms > 0) return ms;
  throw refused(name, `"${text}" is not a duration above 0`, 'write it as 300, 300s or 5m');
}

function wholeNumber(name: RunParameter, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw refused(name, `"${text}" is not a whole number above 0`, 'write it as 1');
}

function flag(name: RunParameter, text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw refused(name, `"${text}" is neither true nor false`, 'write true or false');
}

function scope(text: string): Policy['rollbackScope'] {
  const found = rollbackScopes.find((one) => one === text);
  if (found !== undefined) return found;
  throw refused('rollback-scope', `"${text}" is no scope`, `write one of: ${rollbackScopes.join(', ')}`);
}

function refused(name: RunParameter, problem: string, hint: string): KataError {
  return new KataError('KATA_LIFECYCLE_PARAMETER', `the parameter ${name} is refused: ${problem}`, {
    exitCode: exitCodes.usage,
    hint,
  });
}
