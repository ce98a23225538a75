/** The status annotation: what an installation says of itself on its node. The one schema, parser and writer. */
import { statusAnnotation } from '@kata/kata';
import * as z from 'zod';

const ownSchema = z.object({
  /** See `statusReasons`; a newer version may say what this one does not know. */
  phase: z.string(),
  reason: z.string(),
  /** Of the current release; empty where there is none. */
  version: z.string(),
  release: z.string(),
  /** Since when it is so, ISO 8601. */
  time: z.string(),
  /** The release that the payload with today's settings is. */
  offered: z.string().optional(),
  /** The approval that was acted on. */
  approved: z.string().optional(),
  current: z.string().optional(),
  previous: z.string().optional(),
  podUid: z.string().optional(),
  /** Of the failure. */
  code: z.string().optional(),
  message: z.string().optional(),
  /** Counts the runs that reported on this node. */
  attempt: z.int().min(0).optional(),
});

const statusSchema = ownSchema.extend({
  /** What a drifted node said before, unless that was only that it serves: a repair makes it say so again. */
  before: ownSchema.optional(),
});

export type NodeStatus = Readonly<z.infer<typeof statusSchema>>;

/** What differs between two attempts that end in the same way. */
const ofAttempt: readonly string[] = ['time', 'podUid', 'attempt'] satisfies (keyof NodeStatus)[];
/** A node object has room for 256 KiB of annotations, and others want some of it. */
const longestMessage = 1024;

interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
}

/** Undefined where no installation says anything, or something that is not a status. */
export function readStatus({ annotations }: Annotated, suffix: string): NodeStatus | undefined {
  const text = annotations[statusAnnotation(suffix)];
  return text === undefined ? undefined : parseStatus(text);
}

export function parseStatus(text: string): NodeStatus | undefined {
  return statusSchema.safeParse(parseJson(text)).data;
}

/** What a pod was offered it is offered until it ends: its payload and its settings stay. */
export function offerOf(
  status: NodeStatus | undefined,
  podUid: string | undefined,
): Pick<NodeStatus, 'offered' | 'approved'> {
  if (podUid === undefined || status?.podUid !== podUid) return {};
  const { offered, approved } = status;
  return {
    ...(offered === undefined ? {} : { offered }),
    ...(approved === undefined ? {} : { approved }),
  };
}

/** What it said before it drifted, unless that was only that it serves: that a repair makes true again. */
export function saidBeforeDrift(status: NodeStatus | undefined): NodeStatus['before'] {
  if (status?.phase === 'drifted') return status.before;
  return status?.phase === 'installed' ? undefined : status;
}

/** The annotation that says `next`. What stays the same keeps its time; fields of newer versions stay. */
export function statusChange(node: Annotated, suffix: string, next: NodeStatus): Record<string, string> {
  const before = node.annotations[statusAnnotation(suffix)];
  return { [statusAnnotation(suffix)]: renderStatus(before, next) };
}

function renderStatus(before: string | undefined, next: NodeStatus): string {
  const known = before === undefined ? undefined : parseStatus(before);
  const time = known !== undefined && isSameStatus(known, next) ? known.time : next.time;
  return JSON.stringify({ ...shorten(next), time, ...unknownFields(before) });
}

/** Whether a node goes on saying the same, in whichever attempt. */
export function isSameStatus(one: NodeStatus | undefined, other: NodeStatus): boolean {
  return one !== undefined && essence(one) === essence(shorten(other));
}

function essence(status: NodeStatus): string {
  const fields = Object.entries(status).filter(
    ([key, value]) => value !== undefined && !ofAttempt.includes(key),
  );
  return JSON.stringify(Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function shorten(status: NodeStatus): NodeStatus {
  const { message } = status;
  if (message === undefined || message.length <= longestMessage) return status;
  return { ...status, message: `${message.slice(0, longestMessage - 1)}…` };
}

function unknownFields(text: string | undefined): object {
  const value = text === undefined ? undefined : parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([key]) => !(key in statusSchema.shape)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
