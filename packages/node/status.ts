/** The status annotation of an installation on its node: schema, parser and writer. */
import { statusAnnotation, statusReasons } from '@kata/kata';
import * as z from 'zod';
import { versionOf } from './version-of.ts';

const ownSchema = z.object({
  /** See `statusReasons`; a newer version may have others. */
  phase: z.string(),
  reason: z.string(),
  /** Of the current release; empty where there is none. */
  version: z.string(),
  release: z.string(),
  /** Start of this status, ISO 8601. */
  time: z.string(),
  /** The release of the payload with the current settings. */
  offered: z.string().optional(),
  /** The approval that was followed. */
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
  /** The status before a drift, unless `installed`: a repair restores it. */
  before: ownSchema.optional(),
});

export type NodeStatus = Readonly<z.infer<typeof statusSchema>>;

/** Fields that differ between two attempts with the same outcome. */
const attemptFields: readonly string[] = ['time', 'podUid', 'attempt'] satisfies (keyof NodeStatus)[];
/** All annotations of an object share 256 KiB. */
const longestMessage = 1024;

interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
}

/** Undefined without the annotation, or when it is not a status. */
export function readStatus({ annotations }: Annotated, suffix: string): NodeStatus | undefined {
  const text = annotations[statusAnnotation(suffix)];
  return text === undefined ? undefined : parseStatus(text);
}

export function parseStatus(text: string): NodeStatus | undefined {
  return statusSchema.safeParse(parseJson(text)).data;
}

/** The offer of the same pod: its payload and settings do not change. */
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

/** See `NodeStatus.before`. */
export function statusBeforeDrift(status: NodeStatus | undefined): NodeStatus['before'] {
  if (status?.phase === 'drifted') return status.before;
  return status?.phase === 'installed' ? undefined : status;
}

const failedPhases: readonly string[] = [
  statusReasons.InstallFailed.phase,
  statusReasons.InstallIncomplete.phase,
];

/** Whether the release whose installation failed is the one that the node has now. An approval, by id or version, decides instead of the offer. */
export function isFailedGoal({ phase, offered, approved }: NodeStatus, current: string): boolean {
  if (!failedPhases.includes(phase)) return false;
  return approved === undefined ? offered === current : [current, versionOf(current)].includes(approved);
}

/** The annotation for `next`. With the same outcome it keeps its time; fields of newer versions stay. */
export function statusChange(node: Annotated, suffix: string, next: NodeStatus): Record<string, string> {
  const before = node.annotations[statusAnnotation(suffix)];
  return { [statusAnnotation(suffix)]: renderStatus(before, next) };
}

function renderStatus(before: string | undefined, next: NodeStatus): string {
  const known = before === undefined ? undefined : parseStatus(before);
  const time = known !== undefined && isSameStatus(known, next) ? known.time : next.time;
  return JSON.stringify({ ...shorten(next), time, ...unknownFields(before) });
}

/** Whether both report the same outcome, in whichever attempt. */
export function isSameStatus(one: NodeStatus | undefined, other: NodeStatus): boolean {
  return one !== undefined && outcomeOf(one) === outcomeOf(shorten(other));
}

function outcomeOf(status: NodeStatus): string {
  const fields = Object.entries(status).filter(
    ([key, value]) => value !== undefined && !attemptFields.includes(key),
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
