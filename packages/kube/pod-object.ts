/** Parses the fields that we use of a pod. */
import * as z from 'zod';
import { list, texts } from './objects.ts';

const containerState = z.object({
  name: z.string(),
  restartCount: z.int().default(0),
  state: z
    .object({
      waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
      running: z.object({}).optional(),
      terminated: z
        .object({
          exitCode: z.int(),
          signal: z.int().optional(),
          reason: z.string().default(''),
          message: z.string().default(''),
        })
        .optional(),
    })
    .prefault({}),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

const podSchema = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string().default(''),
    namespace: z.string().default(''),
    labels: texts,
    annotations: texts,
    creationTimestamp: z.string().default(''),
    deletionTimestamp: z.string().nullish(),
    ownerReferences: list(
      z.object({
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.boolean().default(false),
      }),
    ),
  }),
  spec: z
    .object({ nodeName: z.string().nullish(), runtimeClassName: z.string().nullish(), nodeSelector: texts })
    .prefault({}),
  status: z
    .object({
      phase: z.string().default(''),
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: list(condition),
      initContainerStatuses: list(containerState),
      containerStatuses: list(containerState),
    })
    .prefault({}),
});

const podListSchema = z.object({ items: list(z.unknown()) });

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running' }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      /** Number of the signal that ended it. */
      readonly signal: number | undefined;
      readonly reason: string;
      readonly message: string;
    };

export interface ContainerObject {
  readonly name: string;
  readonly isInit: boolean;
  readonly restarts: number;
  readonly state: ContainerState;
}

export interface PodReference {
  readonly namespace: string;
  readonly name: string;
}

export interface PodObject extends PodReference {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ISO 8601, by the clock of the API server. */
  readonly created: string;
  /** Undefined before scheduling. */
  readonly nodeName: string | undefined;
  readonly runtimeClass: string | undefined;
  /** Includes what its RuntimeClass added. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** The owner that recreates it. */
  readonly controller: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
  readonly beingDeleted: boolean;
  /** `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`. */
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  readonly conditions: readonly Readonly<z.infer<typeof condition>>[];
  /** Init containers first; empty until kubelet has written their status. */
  readonly containers: readonly ContainerObject[];
}

export function podOf(answer: unknown): PodObject {
  const { metadata, spec, status } = podSchema.parse(answer);
  const { namespace, name, uid, labels, annotations } = metadata;
  const owner = metadata.ownerReferences.find(({ controller }) => controller);
  return {
    namespace,
    name,
    uid,
    labels,
    annotations,
    created: metadata.creationTimestamp,
    nodeName: spec.nodeName ?? undefined,
    runtimeClass: spec.runtimeClassName ?? undefined,
    nodeSelector: spec.nodeSelector,
    controller: owner === undefined ? undefined : { kind: owner.kind, name: owner.name, uid: owner.uid },
    beingDeleted: typeof metadata.deletionTimestamp === 'string',
    phase: status.phase,
    reason: status.reason,
    message: status.message,
    conditions: status.conditions,
    containers: [
      ...status.initContainerStatuses.map((one) => containerOf(one, true)),
      ...status.containerStatuses.map((one) => containerOf(one, false)),
    ],
  };
}

export function podsOf(answer: unknown): readonly PodObject[] {
  return podListSchema.parse(answer).items.map(podOf);
}

/** A pod with a RuntimeClass that has not ended. */
export interface ClassPod {
  readonly uid: string;
  /** With its namespace, such as `default/web`. */
  readonly name: string;
  readonly runtimeClass: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
}

export function classPodsOf(pods: readonly PodObject[]): readonly ClassPod[] {
  return pods.flatMap(({ uid, namespace, name, runtimeClass, nodeSelector, phase }) =>
    runtimeClass === undefined || hasEnded({ phase })
      ? []
      : [{ uid, name: `${namespace}/${name}`, runtimeClass, nodeSelector }],
  );
}

export function hasEnded({ phase }: Pick<PodObject, 'phase'>): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

function containerOf(
  { name, restartCount, state }: z.infer<typeof containerState>,
  isInit: boolean,
): ContainerObject {
  return { name, isInit, restarts: restartCount, state: stateOf(state) };
}

/** A container without state counts as waiting, as in Kubernetes. */
function stateOf({ waiting, running, terminated }: z.infer<typeof containerState>['state']): ContainerState {
  if (terminated !== undefined) {
    return { kind: 'terminated', ...terminated, signal: terminated.signal };
  }
  if (running !== undefined) return { kind: 'running' };
  return { kind: 'waiting', reason: waiting?.reason ?? '', message: waiting?.message ?? '' };
}
