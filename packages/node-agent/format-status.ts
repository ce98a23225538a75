/** Formats the status of an installation as text. */
import type { Hold, UnknownDecision } from '@kata/installer';
import type { InstallationStatus } from './installation-status.ts';

export function formatStatus(status: InstallationStatus): string {
  const { engineProblem, notes } = status;
  const engine = engineProblem === null ? [] : [`Runtime       container runtime ${engineProblem}`];
  const unfinished = [
    ...(status.interrupted === null ? [] : [`Interrupted   ${status.interrupted}`]),
    ...(status.hold === null ? [] : [describeHold(status.hold)]),
    ...(status.undecided === null ? [] : formatUnknownDecision(status.undecided)),
  ];
  const pods = `Pods          ${status.sandboxes.length} running${status.pods === '' ? '' : `: ${status.pods}`}`;
  const remarks = [...notes.map((note) => `Note          ${note}`), ...unfinished];
  if (status.current === null) {
    const nothing = `Nothing is installed in ${status.prefix} (${status.engine}).`;
    return [nothing, ...engine, ...(status.sandboxes.length === 0 ? [] : [pods]), ...remarks].join('\n');
  }
  const handlers = status.handlers.map(({ name, served }) => `${name} ${describeServed(served)}`);
  return [
    `Installation  ${status.prefix}, on ${status.engine}`,
    ...engine,
    `Release       ${status.current}`,
    `Rollback to   ${status.previous ?? 'none'}`,
    `Handlers      ${handlers.join(', ') || 'none'}`,
    pods,
    ...remarks,
  ].join('\n');
}

function describeHold({ release, since }: Hold): string {
  return `Held          on ${release} since ${since}; to end the hold: kata-deploy resume`;
}

function formatUnknownDecision({ since, reason }: UnknownDecision): readonly string[] {
  return [
    `Cleanup       decision unknown since ${since}: ${reason}`,
    '              to keep the installation: kata-deploy install --once; to remove it: kata-deploy cleanup',
  ];
}

function describeServed(served: boolean | null): string {
  if (served === null) return '(unknown)';
  return served ? 'served' : 'NOT served';
}
