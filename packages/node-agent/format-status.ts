/** Formats the status of an installation as text. */
import type { Hold, UnknownDecision } from '@kata/installer';
import { statusReasons } from '@kata/kata';
import type { InstallationStatus } from './installation-status.ts';
import type { ReportedStatus } from './reported-status.ts';

export function formatStatus(status: InstallationStatus): string {
  const { engineProblem, notes } = status;
  const engine = engineProblem === null ? [] : [`Runtime       container runtime ${engineProblem}`];
  const reported = status.reported === undefined ? [] : formatReported(status.reported);
  const unfinished = [
    ...(status.interrupted === null ? [] : [`Interrupted   ${status.interrupted}`]),
    ...(status.hold === null ? [] : [describeHold(status.hold)]),
    ...(status.undecided === null ? [] : formatUnknownDecision(status.undecided)),
  ];
  const pods = `Pods          ${status.sandboxes.length} running${status.pods === '' ? '' : `: ${status.pods}`}`;
  const remarks = [...notes.map((note) => `Note          ${note}`), ...unfinished];
  if (status.current === null) {
    const nothing = `Nothing is installed in ${status.prefix} (${status.engine}).`;
    return [
      nothing,
      ...reported,
      ...engine,
      ...(status.sandboxes.length === 0 ? [] : [pods]),
      ...remarks,
    ].join('\n');
  }
  const handlers = status.handlers.map(({ name, served }) => `${name} ${describeServed(served)}`);
  return [
    `Installation  ${status.prefix}, on ${status.engine}`,
    ...reported,
    ...engine,
    `Release       ${status.current}`,
    `Rollback to   ${status.previous ?? 'none'}`,
    `Handlers      ${handlers.join(', ') || 'none'}`,
    pods,
    ...remarks,
  ].join('\n');
}

/** Nothing where all is well. */
function formatReported({ status, problem }: ReportedStatus): readonly string[] {
  if (problem !== null) return [`Node status   unknown: ${problem}`];
  if (status === null || status.phase === statusReasons.Installed.phase) return [];
  const { phase, reason, time, code, message } = status;
  const meanings: Readonly<Record<string, { readonly meaning: string } | undefined>> = statusReasons;
  const error = [code, message].filter((part) => part !== undefined).join(': ');
  const why = error || (meanings[reason]?.meaning ?? '');
  return [`Node status   ${phase} (${reason}) since ${time}${why === '' ? '' : `: ${why}`}`];
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
