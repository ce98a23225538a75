/** The few things that an installer asks of the API server, each with a deadline and bounded retries. */
import { type Clock, exitCodes, KataError, systemClock } from '@kata/core';
import { orUndefined } from './api-failure.ts';
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
import { type ClassPod, classPodsOf, podsOf } from './pod-object.ts';
import { deleteRights, ownRights, readRights, type RightsNames, type SeenRights } from './rights.ts';

/** What to change depends on what is there; undefined changes nothing. */
export type ChangesOf = (node: NodeObject) => MetadataChanges;

export interface ClusterOptions extends RequestTerms {
  readonly client: Client;
  /** Left out: see `openConnection`. */
  readonly connection?: Connection;
  /** Left out: that of the system. */
  readonly clock?: Clock;
}

export class Cluster {
  /** For what has no method here: watches, Leases, evictions, pods. */
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
   * Reads, patches with tests, and reads again when somebody else was faster. Changes that are a function of the node
   * are worked out anew each time, and hold only for the node as it was seen. Returns whether anything changed.
   * @throws KataError `KATA_KUBE_PRECONDITION` when one of the caller's own tests does not hold.
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
   * What kubelet answers to `/configz`. It is asked itself and not through the API server: that takes the right to
   * get `nodes/configz` only, where the way through the API server takes `nodes/proxy`, by which pods can be run commands in.
   */
  async readKubeletConfiguration(name: string): Promise<unknown> {
    const address = await this.api.attempt(`read node "${name}"`, async (send) =>
      kubeletAddress(await send(get(nodePath(name)))),
    );
    const what = `read the configuration of kubelet on node "${name}"`;
    if (address === undefined) {
      throw new KataError(
        'KATA_KUBE_KUBELET',
        `cannot ${what}: the node does not say where kubelet answers`,
        {
          exitCode: exitCodes.precondition,
        },
      );
    }
    const kubelet = await this.api.of('kubelet', address);
    return await kubelet.attempt(what, async (send) => await send(get('/configz')));
  }

  /** The pods with a RuntimeClass that kubelet runs. Takes the right to get `nodes/proxy`. */
  async listClassPods(node: string): Promise<readonly ClassPod[]> {
    return await this.api.attempt(`ask kubelet for the pods of node "${node}"`, async (send) =>
      classPodsOf(podsOf(await send(get(`${nodePath(node)}/proxy/pods`)))),
    );
  }

  /** The pods with a RuntimeClass that are bound to a node and have not ended, as the API server knows them. */
  async listBoundPods(nodeName: string): Promise<readonly ClassPod[]> {
    return classPodsOf(await listPods(this.api, { nodeName }));
  }

  /** Of a pod on the node; there is no right to read one by its name. */
  async isPodEnding(pod: {
    readonly namespace: string;
    readonly nodeName: string;
    readonly uid: string;
  }): Promise<boolean> {
    const { namespace, nodeName, uid } = pod;
    const pods = await listPods(this.api, { namespace, nodeName });
    return pods.find((one) => one.uid === uid)?.beingDeleted === true;
  }

  /** Handlers by the name of their RuntimeClass. */
  async listRuntimeClasses(): Promise<Readonly<Record<string, string>>> {
    return await this.api.attempt('list the RuntimeClasses', async (send) => {
      const { items } = runtimeClassListSchema.parse(await send(get('/apis/node.k8s.io/v1/runtimeclasses')));
      return Object.fromEntries(items.map(({ metadata, handler }) => [metadata.name, handler]));
    });
  }

  /** Labels and annotations of all nodes, or of those that the selector names. */
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

  /** Of a node. Whoever looks at the node sees it: `kubectl describe node`. */
  async createEvent(options: EventOptions): Promise<void> {
    const { client, clock } = this.api;
    const body = eventObject(client, options, clock.now());
    await this.api.attempt(
      `record the event ${options.reason} of node "${options.node.name}"`,
      async (send) => {
        const path = '/apis/events.k8s.io/v1/namespaces/default/events';
        // An earlier attempt, whose answer was lost, has made it.
        await orUndefined(send({ method: 'POST', path, body }), 409);
      },
    );
  }

  /** Makes service account and binding go when the ClusterRole goes. Returns whether anything changed. */
  async ownRights(names: RightsNames): Promise<boolean> {
    return await this.api.attempt(
      `let ClusterRole "${names.name}" own its service account and binding`,
      async (send) => await ownRights(send, names),
    );
  }

  /** Undefined when there is no ClusterRole. */
  async readRights(names: RightsNames): Promise<SeenRights | undefined> {
    return await this.api.attempt(
      `read ClusterRole "${names.name}"`,
      async (send) => await readRights(send, names),
    );
  }

  /** Deletes the ClusterRole; the garbage collector takes what it owns. Returns false when it is another one than was seen, or gone. */
  async deleteRights(names: RightsNames, seen: SeenRights): Promise<boolean> {
    return await this.api.attempt(
      `delete ClusterRole "${names.name}"`,
      async (send) => await deleteRights(send, names, seen),
    );
  }
}

/** From a pod's service account, or from KUBECONFIG where there is none; opened by the first request. */
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
