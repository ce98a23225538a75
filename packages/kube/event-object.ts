/** Creates Event objects of nodes. */
import type { Client } from './client.ts';
import { microTime } from './micro-time.ts';

export interface EventOptions {
  readonly node: { readonly name: string; readonly uid: string };
  readonly type: 'Normal' | 'Warning';
  /** A stable code. */
  readonly reason: string;
  /** What was done, such as `Install`. */
  readonly action: string;
  readonly note: string;
}

/** Longer ones are cut. */
export const longestEventNote = 1024;

/** With a name, so that a request that is sent twice creates one Event. */
export function eventObject(client: Client, options: EventOptions, now: Date): object {
  const { node, type, reason, action, note } = options;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // Where Events of cluster-scoped objects belong.
    metadata: { name: `${node.name}.${client.name}.${eventId(now)}`, namespace: 'default' },
    eventTime: microTime(now),
    reportingController: client.controller,
    reportingInstance: node.name,
    type,
    reason,
    action,
    note: note.length <= longestEventNote ? note : `${note.slice(0, longestEventNote - 1)}…`,
    regarding: { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid },
  };
}

function eventId(now: Date): string {
  return `${now.getTime().toString(16)}${Math.floor(Math.random() * 0x10000)
    .toString(16)
    .padStart(4, '0')}`;
}
