/** Parses the fields that we use of the cluster's objects. */
import * as z from 'zod';
import type { NodeTaint, PatchableObject } from './json-patch.ts';

// Go writes null for an empty list or map.
export const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((found) => found ?? {});

type ListSchema<T extends z.ZodType> = z.ZodPipe<
  z.ZodOptional<z.ZodNullable<z.ZodArray<T>>>,
  z.ZodTransform<z.output<T>[], z.output<T>[] | null | undefined>
>;

export function list<T extends z.ZodType>(item: T): ListSchema<T> {
  return z
    .array(item)
    .nullish()
    .transform((found) => found ?? []);
}

const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string(),
  resourceVersion: z.string(),
  labels: texts,
  annotations: texts,
  deletionTimestamp: z.string().optional(),
  ownerReferences: list(z.looseObject({ uid: z.string() })),
});

const requirement = z.object({
  key: z.string(),
  operator: z.string(),
  values: list(z.string()),
});

const term = z.object({
  matchExpressions: list(requirement),
  matchFields: list(requirement),
});

export const objectSchema = z.object({ metadata });

export const nodeSchema = z.object({
  metadata,
  spec: z.object({ taints: list(z.looseObject({ key: z.string(), effect: z.string() })) }).prefault({}),
  status: z
    .object({
      nodeInfo: z.record(z.string(), z.unknown()).default({}),
      runtimeHandlers: list(z.object({ name: z.string().default('') })),
      addresses: list(z.object({ type: z.string(), address: z.string() })),
      daemonEndpoints: z.object({ kubeletEndpoint: z.object({ Port: z.int() }).optional() }).prefault({}),
    })
    .prefault({}),
});

const podSpec = z.object({
  nodeName: z.string().optional(),
  nodeSelector: texts,
  affinity: z
    .object({
      nodeAffinity: z
        .object({
          requiredDuringSchedulingIgnoredDuringExecution: z
            .object({ nodeSelectorTerms: list(term) })
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

export const daemonSetSchema = z.object({
  metadata,
  spec: z.object({ template: z.object({ spec: podSpec }) }),
});

export const daemonSetListSchema = z.object({ items: list(daemonSetSchema) });

export const runtimeClassListSchema = z.object({
  items: list(z.object({ metadata: z.object({ name: z.string() }), handler: z.string() })),
});

export const configMapSchema = z.object({ data: texts });

/** Labels, annotations and identity. */
export interface ObjectMetadata extends PatchableObject {
  readonly name: string;
}

export interface NodeObject extends ObjectMetadata {
  readonly taints: readonly NodeTaint[];
  /** Such as `containerRuntimeVersion`, `kubeletVersion`, `machineID`, `osImage`. */
  readonly nodeInfo: Readonly<Record<string, unknown>>;
  /** Reported by kubelet; empty with engines that do not report any to it. */
  readonly runtimeHandlers: readonly string[];
}

export interface SelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export interface SelectorTerm {
  readonly matchExpressions: readonly SelectorRequirement[];
  readonly matchFields: readonly SelectorRequirement[];
}

/** Address of the node's kubelet, such as `10.0.0.7:10250`; undefined when the Node object has none. */
export function kubeletAddress(answer: unknown): string | undefined {
  const { addresses, daemonEndpoints } = nodeSchema.parse(answer).status;
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address;
  const port = daemonEndpoints.kubeletEndpoint?.Port;
  if (address === undefined || port === undefined) return undefined;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Which nodes a DaemonSet selects. */
export interface NodeSelection {
  readonly nodeName: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Of the required node affinity; undefined when there is none. */
  readonly terms: readonly SelectorTerm[] | undefined;
}

export interface DaemonSetObject {
  readonly namespace: string;
  readonly name: string;
  readonly beingDeleted: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  readonly selection: NodeSelection;
}

export function nodeOf(answer: unknown): NodeObject {
  const { metadata: object, spec, status } = nodeSchema.parse(answer);
  return {
    ...metadataOf(object),
    taints: spec.taints,
    nodeInfo: status.nodeInfo,
    runtimeHandlers: status.runtimeHandlers.map(({ name }) => name).filter((name) => name !== ''),
  };
}

export function metadataOf({
  name,
  uid,
  resourceVersion,
  labels,
  annotations,
}: z.infer<typeof metadata>): ObjectMetadata {
  return { name, uid, resourceVersion, labels, annotations };
}

export function daemonSetOf({ metadata: object, spec }: z.infer<typeof daemonSetSchema>): DaemonSetObject {
  const { nodeName, nodeSelector, affinity } = spec.template.spec;
  return {
    namespace: object.namespace,
    name: object.name,
    beingDeleted: object.deletionTimestamp !== undefined,
    annotations: object.annotations,
    selection: {
      nodeName,
      nodeSelector,
      terms: affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    },
  };
}
