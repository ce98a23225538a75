/** What is installed on a node, for a person. */
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
  const said = [...notes.map((note) => `Note          ${note}`), ...unfinished];
  if (status.current === null) {
    const nothing = `Nothing is installed in ${status.prefix} (${status.engine}).`;
    return [nothing, ...engine, ...(status.sandboxes.length === 0 ? [] : [pods]), ...said].join('\n');
  }
  const handlers = status.handlers.map(({ name, served }) => `${name} ${describeServed(served)}`);
  return [
    `Installation  ${status.prefix}, on ${status.engine}`,
    ...engine,
    `Release       ${status.current}`,
    `Rollback to   ${status.previous ?? 'none'}`,
    `Handlers      ${handlers.join(', ') || 'none'}`,
    pods,
    ...said,
  ].join('\n');
}

function describeHold({ release, since }: Hold): string {
  return `Held          on ${release} since ${since}; to end it: kata-deploy resume`;
}

function formatUnknownDecision({ since, reason }: UnknownDecision): readonly string[] {
  return [
    `Undecided     since ${since}, whether it shall be removed: ${reason}`,
    '              next: kata-deploy install --once to keep it, kata-deploy cleanup to remove it',
  ];
}

function describeServed(served: boolean | null): string {
  if (served === null) return '(unknown)';
  return served ? 'served' : 'NOT served';
}
