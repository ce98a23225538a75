/** Commands for users to type, with the options that name their installation. */
import type { Installation } from './context.ts';

/** As the options `--release` and `--namespace`. */
const defaultRelease = { release: 'kata-deploy', namespace: 'kube-system' } as const;

type Named = Pick<Installation, 'release' | 'namespace'>;

export function lifecycleCommand({ release, namespace }: Named, ...words: readonly string[]): string {
  return [
    'kata-lifecycle',
    ...words,
    ...(release === defaultRelease.release ? [] : ['--release', release]),
    ...(namespace === defaultRelease.namespace ? [] : ['--namespace', namespace]),
  ].join(' ');
}

/** Plan, chart and values are in the record of an interrupted run, so this is enough to go on with it. */
export function upgradeCommand(installation: Named, version: string): string {
  return lifecycleCommand(installation, 'upgrade', '--to', version, '--verification-pod', 'FILE');
}

/** What its plan has. */
interface InterruptedRun {
  readonly helm: { readonly version: string } | null;
  readonly nodes: readonly { readonly name: string }[];
}

/** Goes on with a run that was interrupted. */
export function resumeCommand(installation: Named, { helm, nodes }: InterruptedRun): string {
  if (helm !== null) return upgradeCommand(installation, helm.version);
  return lifecycleCommand(installation, 'rollback', ...nodes.map(({ name }) => name));
}
