/** The events of kata-lifecycle for the reference page, with an example of each kind. */
import { createJsonReporter, type FailureEvent, type Stamped } from '@kata/report';
import type { EventSection } from '@kata/report/event-reference';
import { asProgress, type LifecycleEvent } from './events.ts';

type ReferencedEvent = LifecycleEvent | FailureEvent;
type EventKind = ReferencedEvent['kind'];

type Kinds = {
  readonly [K in EventKind]: {
    readonly meaning: string;
    /** The event is about this node. */
    readonly node?: string;
    readonly example: Extract<ReferencedEvent, { readonly kind: K }>;
  };
};

const run = '20260101t120000-1a2b';
const release = 'kube-system/kata-deploy';

export const lifecycleEventKinds: Kinds = {
  'run.started': {
    meaning: 'a run begins, or a process resumes an interrupted one',
    example: { kind: 'run.started', run, nodes: ['n1', 'n2', 'n3'], isResumed: false },
  },
  'run.keeps-parameters': {
    meaning:
      'an interrupted run is resumed; what is given now differs from what it recorded, and does not count',
    example: {
      kind: 'run.keeps-parameters',
      run,
      parameters: [{ name: 'batch-size', recorded: '1', given: '3' }],
    },
  },
  'run.waiting': {
    meaning:
      'another process holds the Lease of the runs; this one waits until then to see whether it is alive',
    example: { kind: 'run.waiting', holder: 'admin@laptop-4711', until: '2026-01-01T12:00:15.000Z' },
  },
  'run.ended': {
    meaning: 'the last event of a run: `outcome` is `succeeded`, `failed` or `stopped`',
    example: { kind: 'run.ended', run, outcome: 'succeeded' },
  },
  'node.moved': {
    meaning: 'the node is in another phase; `reason` is null unless it was rolled back, or failed',
    node: 'n1',
    example: { kind: 'node.moved', phase: 'verifying', release: '3.25.0-1a2b3c4d', reason: null },
  },
  'node.waiting': {
    meaning: 'what the node waits for; written when it changes',
    node: 'n1',
    example: { kind: 'node.waiting', what: 'the pods that are evicted: default/web-0' },
  },
  'node.joined': {
    meaning: 'the node joined during the run and matches its selection: it is upgraded and verified, too',
    node: 'n4',
    example: { kind: 'node.joined' },
  },
  'node.evidence': {
    meaning: 'state, Events and log of a verification pod that failed',
    node: 'n2',
    example: { kind: 'node.evidence', text: 'Pod kata-verify-n2: Failed, exit code 3' },
  },
  'node.left-alone': {
    meaning: 'the run matches the node, but does not change it',
    node: 'n3',
    example: { kind: 'node.left-alone', reason: 'is NotReady' },
  },
  'helm.awaited': {
    meaning: 'the newest revision is pending: another Helm may be changing the release',
    example: { kind: 'helm.awaited', release, revision: 5, status: 'pending-upgrade', waitMs: 300_000 },
  },
  'helm.recovered': {
    meaning: 'a change of the release had been interrupted; revision `to` is deployed again',
    example: {
      kind: 'helm.recovered',
      ...{ release, revision: 6, to: 4, interrupted: { revision: 5, status: 'pending-upgrade' } },
    },
  },
  'helm.unchanged': {
    meaning: 'the release has this chart and these values already; Helm is not called',
    example: { kind: 'helm.unchanged', release, revision: 4, version: '3.25.0' },
  },
  'helm.upgraded': {
    meaning:
      'Helm has upgraded the release; nodes are unchanged. `changedValues` names your values that changed',
    example: {
      kind: 'helm.upgraded',
      ...{ release, revision: 5, from: { revision: 4, version: '3.24.0' } },
      ...{ version: '3.25.0', changedValues: [] },
    },
  },
  'helm.rolled-back': {
    meaning: 'Helm has returned the release to an earlier revision',
    example: { kind: 'helm.rolled-back', release, revision: 6, to: 4, version: '3.24.0' },
  },
  'helm.restored': {
    meaning:
      'Helm has deleted the earlier revision; its chart and values were restored from the record of the run',
    example: { kind: 'helm.restored', release, revision: 16, to: 4, version: '3.24.0' },
  },
  'command.failed': {
    meaning: 'the command ends with an error: always the last line. `code` is null for a bug',
    example: {
      kind: 'command.failed',
      message:
        'kata-lifecycle: run 20260101t120000-1a2b has not ended\n  next: end it: kata-lifecycle stop 20260101t120000-1a2b',
      ...{ code: 'KATA_LIFECYCLE_UNFINISHED', exitCode: 4 },
      hint: 'end it: kata-lifecycle stop 20260101t120000-1a2b',
    },
  },
};

export function lifecycleExampleLine(kind: EventKind): string {
  const { node, example } = lifecycleEventKinds[kind];
  const place = node === undefined ? {} : { node };
  const event: Stamped<ReferencedEvent> = { time: '2026-01-01T12:00:00.000Z', ...place, ...example };
  let text = '';
  const report = createJsonReporter<ReferencedEvent>({
    write: (line) => (text = line),
    monotonicMs: () => 0,
    asProgress: (one) =>
      one.kind === 'command.failed' ? { kind: 'note', message: one.message } : asProgress(one),
  });
  report(event);
  return text;
}

const introduction = `A program that waits for the end of a run reads \`run.ended\`, or the exit code. The phases and reasons of \`node.moved\` are in
[reasons](reasons.md#phases-of-a-node-in-a-run); \`rechecking\` is \`rolling-back\` while your pod is running on the earlier release.
`;

export const lifecycleEvents: EventSection = {
  program: 'kata-lifecycle',
  introduction,
  kinds: Object.entries(lifecycleEventKinds).map(([kind, { meaning }]) => ({
    kind,
    meaning,
    example: lifecycleExampleLine(kind as EventKind),
  })),
};
