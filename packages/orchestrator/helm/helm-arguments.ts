/** The command lines of Helm. Nothing here waits for pods, runs hooks, installs, or adds values of our own. */
import type { ReleaseName } from './release.ts';

export type ValuesChange =
  /** The user's values stay; `set` is a list for `--set`, may be empty. */
  | { readonly kind: 'keep'; readonly set: string }
  /** Exactly the values on the standard input. */
  | { readonly kind: 'replace' };

const json = ['--output', 'json'];
/** No revision is removed: a run may have to return to any of them. */
const withoutPruning = ['--history-max', '0'];
/** More than Helm's default of 256. */
const mostRevisions = '100000';

function inNamespace({ namespace }: ReleaseName): readonly string[] {
  return ['--namespace', namespace];
}

export function statusArguments(release: ReleaseName, revision: number): readonly string[] {
  return ['status', release.name, ...inNamespace(release), '--revision', String(revision), ...json];
}

/** Without a revision: of the newest. */
export function metadataArguments(release: ReleaseName, revision?: number): readonly string[] {
  const chosen = revision === undefined ? [] : ['--revision', String(revision)];
  return ['get', 'metadata', release.name, ...inNamespace(release), ...chosen, ...json];
}

export function historyArguments(release: ReleaseName): readonly string[] {
  return ['history', release.name, ...inNamespace(release), '--max', mostRevisions, ...json];
}

/** `chart` is an absolute path. */
export function upgradeArguments(
  release: ReleaseName,
  chart: string,
  change: ValuesChange,
  options: { readonly isDryRun: boolean },
): readonly string[] {
  return [
    ...['upgrade', release.name, chart, ...inNamespace(release)],
    ...valuesArguments(change),
    ...(options.isDryRun ? ['--dry-run=server'] : []),
    ...['--no-hooks', ...withoutPruning, ...json],
  ];
}

function valuesArguments(change: ValuesChange): readonly string[] {
  if (change.kind === 'replace') return ['--reset-values', '--values', '-'];
  return ['--reset-then-reuse-values', ...(change.set === '' ? [] : ['--set', change.set])];
}

/** Helm takes 0 for "the one before", which may be anything. */
export function rollbackArguments(release: ReleaseName, revision: number): readonly string[] {
  if (!Number.isSafeInteger(revision) || revision < 1) throw new TypeError(`revision ${revision}`);
  return [
    ...['rollback', release.name, String(revision), ...inNamespace(release)],
    ...['--no-hooks', ...withoutPruning],
  ];
}
