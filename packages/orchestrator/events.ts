/** The events of a run, and what users see of them. */
import type { ProgressEvent } from '@kata/report';
import type { Phase } from '@kata/rollout';
import { describeDiffering, type DifferingParameter } from './differing-parameter.ts';
import { describeHolder } from './lease-holder.ts';
import { type HelmEvent, helmProgress } from './helm/index.ts';

export type LifecycleEvent =
  | HelmEvent
  | {
      readonly kind: 'run.started';
      readonly run: string;
      readonly nodes: readonly string[];
      readonly isResumed: boolean;
    }
  /** It is resumed: what was given now does not count. */
  | {
      readonly kind: 'run.keeps-parameters';
      readonly run: string;
      readonly parameters: readonly DifferingParameter[];
    }
  /** Another run holds the Lease; it may be dead. */
  | {
      readonly kind: 'run.waiting';
      readonly holder: string;
      /** At the latest; ISO 8601. */
      readonly until: string;
    }
  | { readonly kind: 'run.ended'; readonly run: string; readonly outcome: string }
  | {
      readonly kind: 'node.moved';
      readonly phase: Phase;
      readonly release: string | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'node.waiting'; readonly what: string }
  /** It matches the selection of the run, whose other nodes are right. */
  | { readonly kind: 'node.joined' }
  /** State, Events and log of a verification pod that failed. */
  | { readonly kind: 'node.evidence'; readonly text: string }
  | { readonly kind: 'node.left-alone'; readonly reason: string };

export function asProgress(event: LifecycleEvent): ProgressEvent {
  return isOfHelm(event) ? helmProgress(event) : { kind: 'note', message: describe(event) };
}

function isOfHelm(event: LifecycleEvent): event is HelmEvent {
  return event.kind.startsWith('helm.');
}

/** The word of the node's annotation, except where it stays the same. */
function describePhase(phase: Phase): string {
  return phase === 'rechecking' ? 'verifying the earlier release' : phase;
}

function countNodes(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`;
}

function describe(event: Exclude<LifecycleEvent, HelmEvent>): string {
  switch (event.kind) {
    case 'run.started':
      return `${event.isResumed ? 'resumed' : 'started'} run ${event.run}: ${countNodes(event.nodes.length)}`;
    case 'run.keeps-parameters':
      return `run ${event.run} goes on with its recorded parameters, not with those given now: ${event.parameters.map(describeDiffering).join('; ')} (to use these, end it: kata-lifecycle stop ${event.run})`;
    case 'run.waiting':
      return `waiting until ${event.until.slice(11, 19)} UTC at the latest: ${describeHolder(event.holder)} holds the Lease of the runs, and may have ended`;
    case 'run.ended':
      return `run ${event.run}: ${event.outcome}`;
    case 'node.moved':
      return [describePhase(event.phase), event.release, event.reason]
        .filter((part) => part !== null)
        .join(', ');
    case 'node.waiting':
      return `waiting: ${event.what}`;
    case 'node.joined':
      return 'joined during the run: upgraded and verified like the others';
    case 'node.evidence':
      return `the verification pod failed:\n${event.text}`;
    case 'node.left-alone':
      return `left alone: ${event.reason}`;
  }
}
