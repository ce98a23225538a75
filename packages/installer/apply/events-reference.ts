/** The events of kata-deploy for the reference page, with an example of each kind. */
import { formatJsonLine, type FailureEvent, type ProgressEvent, type Stamped } from '@kata/report';
import type { EventSection } from '@kata/report/event-reference';
import { type ActionOutline, asProgress, type InstallerEvent } from './events.ts';

export type DeployEvent = InstallerEvent | FailureEvent;

type Kinds = {
  readonly [K in DeployEvent['kind']]: {
    readonly meaning: string;
    readonly example: Extract<DeployEvent, { readonly kind: K }>;
  };
};

const write: ActionOutline = {
  kind: 'release.write',
  subject: '3.24.0-1a2b3c4d',
  text: 'write release 3.24.0-1a2b3c4d (9 components: 562.1 MB to write, 0 files shared)',
};
const restart: ActionOutline = {
  kind: 'engine.restart',
  subject: 'containerd.service',
  text: 'restart containerd.service: its configuration changed',
};
const prune: ActionOutline = {
  kind: 'release.remove',
  subject: '3.23.0-5e6f7a8b',
  text: 'remove release 3.23.0-5e6f7a8b',
};
const compare = 'compare release 3.24.0-1a2b3c4d';

export const eventKinds: Kinds = {
  note: {
    meaning: 'something worth knowing, in words only',
    example: { kind: 'note', message: 'nothing to do' },
  },
  'action.started': {
    meaning: 'an action of the plan begins; `step` counts from 1',
    example: { kind: 'action.started', action: write, step: 1, of: 24 },
  },
  'action.progress': {
    meaning: 'how much of a release is written',
    example: {
      kind: 'action.progress',
      action: write,
      ...{ files: 812, filesTotal: 2306, bytes: 215_000_000, bytesTotal: 562_000_000 },
    },
  },
  'action.done': {
    meaning: 'an action is done and durable',
    example: { kind: 'action.done', action: write, detail: '2306 files written (562.1 MB), 0 linked' },
  },
  'action.failed': {
    meaning: 'an action failed; unless this was a removal, the changes are rolled back next',
    example: { kind: 'action.failed', action: restart, error: 'containerd.service did not start' },
  },
  'action.skipped': {
    meaning: 'an action is left for a later run, because Kata pods are running',
    example: { kind: 'action.skipped', action: prune },
  },
  'undo.started': {
    meaning: 'the changes of this run are being rolled back',
    example: { kind: 'undo.started', reason: 'containerd.service did not start' },
  },
  'undo.done': { meaning: 'the machine is as before the run', example: { kind: 'undo.done' } },
  'undo.failed': {
    meaning: 'rolling back failed, too; the next run finishes it',
    example: { kind: 'undo.failed', error: 'the run failed, and so did its rollback' },
  },
  'engine.awaited': {
    meaning: 'the container runtime does not answer yet; `active` is what systemd reports',
    example: { kind: 'engine.awaited', unit: 'containerd.service', active: 'activating' },
  },
  'record.rebuilt': {
    meaning: 'the ownership record was lost; `current` is the release that was found, or null',
    example: { kind: 'record.rebuilt', prefix: '/opt/kata', current: '3.24.0-1a2b3c4d' },
  },
  result: {
    meaning:
      'what a command found or did, in words; without `--progress json` it is the text on standard output',
    example: { kind: 'result', message: 'no drift: release 3.24.0-1a2b3c4d is unchanged' },
  },
  'tasks.planned': {
    meaning: 'the tasks that follow',
    example: { kind: 'tasks.planned', tasks: [compare] },
  },
  'task.started': {
    meaning: 'work begins that is not an action of a plan',
    example: { kind: 'task.started', task: compare },
  },
  'task.progress': {
    meaning: 'progress of a task',
    example: { kind: 'task.progress', task: compare, detail: '812 of 2306 files' },
  },
  'task.done': {
    meaning: 'a task is done',
    example: { kind: 'task.done', task: compare, detail: '2306 of 2306 files' },
  },
  'task.failed': {
    meaning: 'a task failed',
    example: { kind: 'task.failed', task: compare, error: 'EIO: i/o error, read' },
  },
  'command.failed': {
    meaning: 'the command ends with an error: always the last line. `code` is null for a bug',
    example: {
      kind: 'command.failed',
      message:
        'kata-deploy: terminated (SIGTERM) before everything was done\n  next: run it again: it resumes where it stopped',
      code: 'KATA_INSTALLER_STOPPED',
      exitCode: 143,
      hint: 'run it again: it resumes where it stopped',
    },
  },
};

export function exampleLine(kind: DeployEvent['kind']): string {
  const event: Stamped<DeployEvent> = {
    time: '2026-01-01T12:00:00.000Z',
    node: 'worker-1',
    ...eventKinds[kind].example,
  };
  const progress: ProgressEvent =
    event.kind === 'command.failed' ? { kind: 'note', message: event.message } : asProgress(event);
  return formatJsonLine(event, progress);
}

const introduction = `The environment variable \`KATA_PROGRESS=json\` and the chart's value \`progress: json\` stand for \`--progress json\`. Results
that \`--output\` does not format are events, too, so the logs of the chart's pods have only events. \`node\` is \`NODE_NAME\`.

An \`action\` has the \`kind\` that it has in \`plan --output json\`, its \`subject\` (a path, release or systemd unit), and a
\`text\` for people. Progress of one action or task is written at most once a second.
`;

export const deployEvents: EventSection = {
  program: 'kata-deploy',
  introduction,
  kinds: Object.entries(eventKinds).map(([kind, { meaning }]) => ({
    kind,
    meaning,
    example: exampleLine(kind as DeployEvent['kind']),
  })),
};
