/** A DaemonSet with what an orchestrator needs of its pod template. */
import * as z from 'zod';
import { orUndefined } from '../api-failure.ts';
import type { ApiRequests } from '../api-requests.ts';
import { listPages } from '../list-pages.ts';
import { type DaemonSetObject, daemonSetOf, daemonSetSchema, list, texts } from '../objects.ts';
import { type WatchChange, watchObjects } from './watch-objects.ts';

export interface FleetDaemonSet extends DaemonSetObject {
  readonly uid: string;
  /** Labels that its pods are found by. */
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Its pods carry the one that they were made from as label `pod-template-generation`. */
  readonly templateGeneration: string;
  /** The controller has seen the last change. */
  readonly isObserved: boolean;
  readonly updateStrategy: string;
}

/** What is left out matches everything. */
export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

const schema = z.object({
  metadata: z.object({ generation: z.int().default(0) }),
  spec: z.object({
    selector: z.object({ matchLabels: texts }),
    updateStrategy: z.object({ type: z.string().default('RollingUpdate') }).prefault({}),
    template: z.object({
      spec: z.object({
        tolerations: list(
          z.object({
            key: z.string().optional(),
            operator: z.string().optional(),
            value: z.string().optional(),
            effect: z.string().optional(),
          }),
        ),
      }),
    }),
  }),
  status: z.object({ observedGeneration: z.int().default(0) }).prefault({}),
});

/** kubernetes/kubernetes pkg/apis/apps: DeprecatedTemplateGeneration. */
const generationAnnotation = 'deprecated.daemonset.template.generation';
export const templateGenerationLabel = 'pod-template-generation';

export interface DaemonSetReference {
  readonly namespace: string;
  readonly name: string;
}

export function fleetDaemonSetOf(answer: unknown): FleetDaemonSet {
  const object = daemonSetSchema.parse(answer);
  const { metadata, spec, status } = schema.parse(answer);
  const plain = daemonSetOf(object);
  return {
    ...plain,
    uid: object.metadata.uid,
    matchLabels: spec.selector.matchLabels,
    tolerations: spec.template.spec.tolerations,
    templateGeneration: plain.annotations[generationAnnotation] ?? '',
    isObserved: status.observedGeneration >= metadata.generation,
    updateStrategy: spec.updateStrategy.type,
  };
}

/** Undefined when there is none of this name. */
export async function readFleetDaemonSet(
  api: ApiRequests,
  { namespace, name }: DaemonSetReference,
): Promise<FleetDaemonSet | undefined> {
  return await api.attempt(`read DaemonSet "${namespace}/${name}"`, async (send) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`;
    const answer = await orUndefined(send({ method: 'GET', path }));
    return answer === undefined ? undefined : fleetDaemonSetOf(answer);
  });
}

export function watchDaemonSet(
  api: ApiRequests,
  { namespace, name }: DaemonSetReference,
): AsyncGenerator<WatchChange<FleetDaemonSet>> {
  return watchObjects(api, {
    what: `DaemonSet "${namespace}/${name}"`,
    path: `/apis/apps/v1/namespaces/${namespace}/daemonsets`,
    query: { fieldSelector: `metadata.name=${name}` },
    read: fleetDaemonSetOf,
  });
}

export async function listDaemonSets(
  api: ApiRequests,
  { namespace, labelSelector }: { readonly namespace: string; readonly labelSelector: string },
): Promise<readonly FleetDaemonSet[]> {
  return await api.attempt(`list the DaemonSets of namespace "${namespace}"`, async (send) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/daemonsets`;
    return (await listPages(send, { path, query: { labelSelector } })).items.map(fleetDaemonSetOf);
  });
}
