/** The few things that the installer asks of the API server, each with a deadline and bounded retries. */
import { exitCodes, KataError } from '@kata/core';
import {
  type ApiLimits,
  type ApiRequest,
  ApiRequests,
  defaultLimits,
  orUndefined,
  type Send,
} from './api-requests.ts';
import { type Connection, openConnection } from './connection.ts';
import { type EventOptions, eventObject } from './event-object.ts';
import {
  jsonPatchType,
  type MetadataChanges,
  metadataPatch,
  type NodeTaint,
  type PatchOperation,
  taintPatch,
  type TaintPattern,
} from './json-patch.ts';
import {
  type ClassPod,
  classPodsOf,
  isEndingIn,
  configMapSchema,
  daemonSetListSchema,
  type DaemonSetObject,
  daemonSetOf,
  daemonSetSchema,
  kubeletAddress,
  metadataListSchema,
  metadataOf,
  type NodeObject,
  nodeOf,
  type ObjectMetadata,
  runtimeClassListSchema,
} from './objects.ts';
import { deleteRights, ownRights, readRights, type RightsNames, type SeenRights } from './rights.ts';

/** What to change depends on what is there; undefined changes nothing. */
export type ChangesOf = (node: NodeObject) => MetadataChanges;

export interface ClusterOptions {
  /** Left out: see `openConnection`. */
  readonly connection?: Connection;
  readonly limits?: Partial<ApiLimits>;
}

const listPage = 500;

export class Cluster {
  readonly #connect: () => Promise<Connection>;
  readonly #limits: ApiLimits;
  readonly #requests: ApiRequests;

  constructor(options: ClusterOptions = {}) {
    let connection: Promise<Connection> | undefined;
    this.#connect = async () => await (connection ??= openOnce(options.connection));
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#requests = new ApiRequests(this.#connect, this.#limits);
  }

  async readNode(name: string): Promise<NodeObject> {
    return await this.#requests.attempt(`read node "${name}"`, async (send) => await readNode(send, name));
  }

  /**
   * Reads, patches with tests, and reads again when somebody else was faster. Changes that are a function of the node
   * are worked out anew each time, and hold only for the node as it was seen. Returns whether anything changed.
   */
  async patchNode(name: string, changes: MetadataChanges | ChangesOf): Promise<boolean> {
    return await this.#requests.attempt(`change labels of node "${name}"`, async (send) => {
      const node = await readNode(send, name);
      const isWhole = typeof changes === 'function';
      const wanted = isWhole ? changes(node) : changes;
      return await patch(send, nodePath(name), metadataPatch(node, wanted, { isWhole }));
    });
  }

  /** Returns the taints that it removed. */
  async removeTaints(name: string, patterns: readonly TaintPattern[]): Promise<readonly NodeTaint[]> {
    return await this.#requests.attempt(`remove taints of node "${name}"`, async (send) => {
      const node = await readNode(send, name);
      const operations = taintPatch(node, patterns);
      if (!(await patch(send, nodePath(name), operations))) return [];
      const left = operations.find(({ op }) => op === 'replace');
      const kept = left?.op === 'replace' ? (left.value as readonly NodeTaint[]) : [];
      return node.taints.filter((taint) => !kept.includes(taint));
    });
  }

  /**
   * What kubelet answers to `/configz`. It is asked itself and not through the API server: that takes the right to
   * get `nodes/configz` only, where the way through the API server takes `nodes/proxy`, by which pods can be run commands in.
   */
  async readKubeletConfiguration(name: string): Promise<unknown> {
    const address = await this.#requests.attempt(`read node "${name}"`, async (send) =>
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
    const { protocol } = new URL((await this.#connect()).server);
    const server = { title: 'kubelet', isApi: false, url: `${protocol}//${address}` };
    const kubelet = new ApiRequests(this.#connect, this.#limits, server);
    return await kubelet.attempt(what, async (send) => await send(get('/configz')));
  }

  /** The pods with a RuntimeClass that kubelet runs. Takes the right to get `nodes/proxy`. */
  async listClassPods(node: string): Promise<readonly ClassPod[]> {
    return await this.#requests.attempt(
      `ask kubelet for the pods of node "${node}"`,
      async (send) => classPodsOf(await send(get(`${nodePath(node)}/proxy/pods`))).pods,
    );
  }

  /** The pods with a RuntimeClass that are bound to a node and have not ended, as the API server knows them. */
  async listBoundPods(node: string): Promise<readonly ClassPod[]> {
    return await this.#requests.attempt(`list the pods of node "${node}"`, async (send) => {
      const found: ClassPod[] = [];
      let from: string | undefined = '';
      while (from !== undefined) {
        const query = {
          fieldSelector: `spec.nodeName=${node}`,
          limit: String(listPage),
          ...(from === '' ? {} : { continue: from }),
        };
        const { pods, next } = classPodsOf(await send({ ...get('/api/v1/pods'), query }));
        found.push(...pods);
        from = next;
      }
      return found;
    });
  }

  /** Of a pod on the node; there is no right to read one by its name. */
  async isPodEnding(pod: {
    readonly namespace: string;
    readonly nodeName: string;
    readonly uid: string;
  }): Promise<boolean> {
    const { namespace, nodeName, uid } = pod;
    return await this.#requests.attempt(
      `list the pods of ${namespace} on node "${nodeName}"`,
      async (send) => {
        const query = { fieldSelector: `spec.nodeName=${nodeName}` };
        return isEndingIn(await send({ ...get(`/api/v1/namespaces/${namespace}/pods`), query }), uid);
      },
    );
  }

  /** Handlers by the name of their RuntimeClass. */
  async listRuntimeClasses(): Promise<Readonly<Record<string, string>>> {
    return await this.#requests.attempt('list the RuntimeClasses', async (send) => {
      const { items } = runtimeClassListSchema.parse(await send(get('/apis/node.k8s.io/v1/runtimeclasses')));
      return Object.fromEntries(items.map(({ metadata, handler }) => [metadata.name, handler]));
    });
  }

  /** Labels and annotations of all nodes, or of those that the selector names. */
  async listNodes(labelSelector = ''): Promise<readonly ObjectMetadata[]> {
    return await this.#requests.attempt('list the nodes', async (send) => {
      const nodes: ObjectMetadata[] = [];
      let next: string | undefined = '';
      while (next !== undefined) {
        const answer = await send({
          method: 'GET',
          path: '/api/v1/nodes',
          query: {
            limit: String(listPage),
            ...(labelSelector === '' ? {} : { labelSelector }),
            ...(next === '' ? {} : { continue: next }),
          },
          accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
        });
        const page = metadataListSchema.parse(answer);
        nodes.push(...page.items.map((item) => metadataOf(item.metadata)));
        next = page.metadata.continue || undefined;
      }
      return nodes;
    });
  }

  /** Undefined when there is none of this name. */
  async readDaemonSet(namespace: string, name: string): Promise<DaemonSetObject | undefined> {
    const what = `read DaemonSet "${namespace}/${name}"`;
    return await this.#requests.attempt(what, async (send) => {
      const path = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`;
      const answer = await orUndefined(send(get(path)));
      return answer === undefined ? undefined : daemonSetOf(daemonSetSchema.parse(answer));
    });
  }

  /** Of all namespaces. */
  async listDaemonSets(): Promise<readonly DaemonSetObject[]> {
    return await this.#requests.attempt('list the DaemonSets', async (send) => {
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
    return await this.#requests.attempt(what, async (send) => {
      const answer = await orUndefined(send(get(`/api/v1/namespaces/${namespace}/configmaps/${name}`)));
      return answer === undefined ? undefined : configMapSchema.parse(answer).data;
    });
  }

  /** Of a node. Whoever looks at the node sees it: `kubectl describe node`. */
  async createEvent(options: EventOptions): Promise<void> {
    const body = eventObject(options, new Date());
    await this.#requests.attempt(
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
    return await this.#requests.attempt(
      `let ClusterRole "${names.name}" own its service account and binding`,
      async (send) => await ownRights(send, names),
    );
  }

  /** Undefined when there is no ClusterRole. */
  async readRights(names: RightsNames): Promise<SeenRights | undefined> {
    return await this.#requests.attempt(
      `read ClusterRole "${names.name}"`,
      async (send) => await readRights(send, names),
    );
  }

  /** Deletes the ClusterRole; the garbage collector takes what it owns. Returns false when it is another one than was seen, or gone. */
  async deleteRights(names: RightsNames, seen: SeenRights): Promise<boolean> {
    return await this.#requests.attempt(
      `delete ClusterRole "${names.name}"`,
      async (send) => await deleteRights(send, names, seen),
    );
  }
}

async function openOnce(given: Connection | undefined): Promise<Connection> {
  return given ?? (await openConnection());
}

/** From a pod's service account, or from KUBECONFIG where there is none. */
export function connectCluster(options: ClusterOptions = {}): Cluster {
  return new Cluster(options);
}

async function readNode(send: Send, name: string): Promise<NodeObject> {
  return nodeOf(await send(get(nodePath(name))));
}

async function patch(send: Send, path: string, body: readonly PatchOperation[]): Promise<boolean> {
  if (body.length === 0) return false;
  await send({ method: 'PATCH', path, body, contentType: jsonPatchType });
  return true;
}

function get(path: string): ApiRequest {
  return { method: 'GET', path };
}

function nodePath(name: string): string {
  return `/api/v1/nodes/${name}`;
}
