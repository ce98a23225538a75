/** The requests of an installer to the API server, each with a deadline and bounded retries. */
import { type Clock, exitCodes, KataError, systemClock } from '@kata/core';
import { isExisting, orUndefined } from './api-failure.ts';
import { type ApiRequest, ApiRequests, defaultLimits, type RequestTerms } from './api-requests.ts';
import type { Client } from './client.ts';
import type { Connection } from './connection.ts';
import { openConnection } from './open-connection.ts';
import { type EventOptions, eventObject } from './event-object.ts';
import {
  type MetadataChanges,
  metadataPatch,
  type NodeTaint,
  taintPatch,
  type TaintPattern,
} from './json-patch.ts';
import { listPages } from './list-pages.ts';
import { listPods } from './list-pods.ts';
import {
  configMapSchema,
  daemonSetListSchema,
  type DaemonSetObject,
  daemonSetOf,
  daemonSetSchema,
  kubeletAddress,
  metadataOf,
  type NodeObject,
  nodeOf,
  type ObjectMetadata,
  objectSchema,
  runtimeClassListSchema,
} from './objects.ts';
import { patchObject, type PatchTest } from './patch-object.ts';
import { type ClassPod, classPodsOf, type PodObject, podsOf } from './pod-object.ts';
import { deleteRbac, ownRbac, readRbac, type RbacNames, type RbacVersion } from './rbac.ts';

/** Computes the changes from the present node. */
export type ChangesOf = (node: NodeObject) => MetadataChanges;

export interface ClusterOptions extends RequestTerms {
  readonly client: Client;
  /** Left out: see `openConnection`. */
  readonly connection?: Connection;
  /** Default: the system's. */
  readonly clock?: Clock;
}

export class Cluster {
  /** For other requests: watches, Leases, evictions, pods. */
  readonly api: ApiRequests;

  constructor(api: ApiRequests) {
    this.api = api;
  }

  /** The same connection. */
  with(terms: RequestTerms): Cluster {
    return new Cluster(this.api.with(terms));
  }

  async readNode(name: string): Promise<NodeObject> {
    return await this.api.attempt(`read node "${name}"`, async (send) =>
      nodeOf(await send(get(nodePath(name)))),
    );
  }

  /**
   * Reads the node, patches it with tests, and repeats both after a concurrent change. Changes that are a function of the
   * node apply only to the version that they were computed from. Returns whether anything changed.
   * @throws KataError `KATA_KUBE_PRECONDITION` when one of the caller's tests fails.
   */
  async patchNode(
    name: string,
    changes: MetadataChanges | ChangesOf,
    tests: readonly PatchTest[] = [],
  ): Promise<boolean> {
    const operations = (object: unknown): ReturnType<typeof metadataPatch> => {
      const node = nodeOf(object);
      const isWhole = typeof changes === 'function';
      return metadataPatch(node, isWhole ? changes(node) : changes, { isWhole });
    };
    return await this.api.attempt(
      `change labels of node "${name}"`,
      async (send) => await patchObject(send, { path: nodePath(name), tests, operations }),
    );
  }

  /** Returns the taints that it removed. */
  async removeTaints(
    name: string,
    patterns: readonly TaintPattern[],
    tests: readonly PatchTest[] = [],
  ): Promise<readonly NodeTaint[]> {
    return await this.api.attempt(`remove taints of node "${name}"`, async (send) => {
      let removed: readonly NodeTaint[] = [];
      const operations = (object: unknown): ReturnType<typeof taintPatch> => {
        const node = nodeOf(object);
        const patch = taintPatch(node, patterns);
        const left = patch.find(({ op }) => op === 'replace');
        const kept = left?.op === 'replace' ? (left.value as readonly NodeTaint[]) : [];
        removed = node.taints.filter((taint) => !kept.includes(taint));
        return patch;
      };
      return (await patchObject(send, { path: nodePath(name), tests, operations })) ? removed : [];
    });
  }

  /**
   * kubelet's answer to `/configz`. It is queried directly, which needs `get` on `nodes/configz` only; the way through the
   * API server needs `nodes/proxy`, which allows to run commands in pods.
   */
  async readKubeletConfiguration(name: string): Promise<unknown> {
    const address = await this.api.attempt(`read node "${name}"`, async (send) =>
      kubeletAddress(await send(get(nodePath(name)))),
    );
    const what = `read the configuration of kubelet on node "${name}"`;
    if (address === undefined) {
      throw new KataError(
        'KATA_KUBE_KUBELET',
        `cannot ${what}: the Node object has no InternalIP or no kubelet port`,
        {
          exitCode: exitCodes.precondition,
        },
      );
    }
    const kubelet = await this.api.of('kubelet', address);
    return await kubelet.attempt(what, async (send) => await send(get('/configz')));
  }

  /** The pods with a RuntimeClass that kubelet runs. Needs `get` on `nodes/proxy`. */
  async listClassPods(node: string): Promise<readonly ClassPod[]> {
    return await this.api.attempt(`query kubelet for the pods of node "${node}"`, async (send) =>
      classPodsOf(podsOf(await send(get(`${nodePath(node)}/proxy/pods`)))),
    );
  }

  /** The pods with a RuntimeClass that are bound to a node and have not ended, according to the API server. */
  async listBoundPods(nodeName: string): Promise<readonly ClassPod[]> {
    return classPodsOf(await listPods(this.api, { nodeName }));
  }

  /** Lists the pods of the node: RBAC does not allow to get a single one. */
  async findPod(pod: {
    readonly namespace: string;
    readonly nodeName: string;
    readonly uid: string;
  }): Promise<PodObject | undefined> {
    const { namespace, nodeName, uid } = pod;
    const pods = await listPods(this.api, { namespace, nodeName });
    return pods.find((one) => one.uid === uid);
  }

  /** Handlers by the name of their RuntimeClass. */
  async listRuntimeClasses(): Promise<Readonly<Record<string, string>>> {
    return await this.api.attempt('list the RuntimeClasses', async (send) => {
      const { items } = runtimeClassListSchema.parse(await send(get('/apis/node.k8s.io/v1/runtimeclasses')));
      return Object.fromEntries(items.map(({ metadata, handler }) => [metadata.name, handler]));
    });
  }

  /** Labels and annotations of the selected nodes. */
  async listNodes(labelSelector = ''): Promise<readonly ObjectMetadata[]> {
    return await this.api.attempt('list the nodes', async (send) => {
      const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
      const { items } = await listPages(send, { path: '/api/v1/nodes', query: { labelSelector }, accept });
      return items.map((item) => metadataOf(objectSchema.parse(item).metadata));
    });
  }

  /** Undefined when there is none of this name. */
  async readDaemonSet(namespace: string, name: string): Promise<DaemonSetObject | undefined> {
    const what = `read DaemonSet "${namespace}/${name}"`;
    return await this.api.attempt(what, async (send) => {
      const path = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`;
      const answer = await orUndefined(send(get(path)));
      return answer === undefined ? undefined : daemonSetOf(daemonSetSchema.parse(answer));
    });
  }

  /** Of all namespaces. */
  async listDaemonSets(): Promise<readonly DaemonSetObject[]> {
    return await this.api.attempt('list the DaemonSets', async (send) => {
      const answer = await send(get('/apis/apps/v1/daemonsets'));
      return daemonSetListSchema.parse(answer).items.map(daemonSetOf);
    });
  }

  /** Undefined when there is none of this name. */
  async readConfigMap(
    namespace: string,
    name: string,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    const what = `read ConfigMap "${namespace}/${name}"`;
    return await this.api.attempt(what, async (send) => {
      const answer = await orUndefined(send(get(`/api/v1/namespaces/${namespace}/configmaps/${name}`)));
      return answer === undefined ? undefined : configMapSchema.parse(answer).data;
    });
  }

  /** An Event of a node, which `kubectl describe node` shows. */
  async createEvent(options: EventOptions): Promise<void> {
    const { client, clock } = this.api;
    const body = eventObject(client, options, clock.now());
    await this.api.attempt(
      `record the Event ${options.reason} of node "${options.node.name}"`,
      async (send) => {
        const path = '/apis/events.k8s.io/v1/namespaces/default/events';
        // An earlier attempt, whose answer was lost, may have created it.
        await orUndefined(send({ method: 'POST', path, body }), isExisting);
      },
    );
  }

  /** Makes the ClusterRole the owner of ServiceAccount and binding. Returns whether anything changed. */
  async ownRbac(names: RbacNames): Promise<boolean> {
    return await this.api.attempt(
      `make ClusterRole "${names.name}" the owner of its ServiceAccount and binding`,
      async (send) => await ownRbac(send, names),
    );
  }

  /** Undefined when there is no ClusterRole. */
  async readRbac(names: RbacNames): Promise<RbacVersion | undefined> {
    return await this.api.attempt(
      `read ClusterRole "${names.name}"`,
      async (send) => await readRbac(send, names),
    );
  }

  /** Deletes the ClusterRole; the garbage collector deletes what it owns. Returns false when it has changed since it was read, or is gone. */
  async deleteRbac(names: RbacNames, seen: RbacVersion): Promise<boolean> {
    return await this.api.attempt(
      `delete ClusterRole "${names.name}"`,
      async (send) => await deleteRbac(send, names, seen),
    );
  }
}

/** With the ServiceAccount of a pod or, without one, KUBECONFIG; the first request opens the connection. */
export function connectCluster(options: ClusterOptions): Cluster {
  const { client, clock = systemClock, limits, signal } = options;
  let opened: Promise<Connection> | undefined;
  const connect = async (): Promise<Connection> => await (opened ??= openOnce(options.connection));
  const wiring = { connect, client, clock, signal, server: undefined };
  return new Cluster(new ApiRequests({ ...wiring, limits: { ...defaultLimits, ...limits } }));
}

async function openOnce(given: Connection | undefined): Promise<Connection> {
  return given ?? (await openConnection());
}

function get(path: string): ApiRequest {
  return { method: 'GET', path };
}

function nodePath(name: string): string {
  return `/api/v1/nodes/${name}`;
}
