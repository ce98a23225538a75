/** The few things that the installer asks of the API server, each with a deadline and bounded retries. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, KataError } from '@kata/core';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1DaemonSet,
} from '@kubernetes/client-node';
import { type Changes, metadataPatch, type PatchableObject } from './json-patch.ts';

const requestTimeoutMs = 10_000;
const attempts = 6;

export interface Cluster {
  readNode(name: string): Promise<PatchableObject>;
  /** Reads, patches with tests, and reads again when somebody else was faster. Returns whether anything changed. */
  patchNode(
    name: string,
    changes: { readonly labels?: Changes; readonly annotations?: Changes },
  ): Promise<boolean>;
  /** Undefined when there is none of this name. */
  readDaemonSet(namespace: string, name: string): Promise<V1DaemonSet | undefined>;
}

/** From a pod's service account, or from KUBECONFIG where there is none. */
export function connectCluster(): Cluster {
  const config = new KubeConfig();
  config.loadFromDefault();
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const readNode = async (name: string): Promise<PatchableObject> => {
    const node = await retry(`read node "${name}"`, async () => await core.readNode({ name }));
    return {
      uid: node.metadata?.uid ?? '',
      labels: node.metadata?.labels ?? {},
      annotations: node.metadata?.annotations ?? {},
    };
  };
  return {
    readNode,
    async patchNode(name, changes) {
      return await retry(`change labels of node "${name}"`, async () => {
        const body = metadataPatch(await readNode(name), changes);
        if (body.length === 0) return false;
        await core.patchNode({ name, body }, setHeaderOptions('Content-Type', PatchStrategy.JsonPatch));
        return true;
      });
    },
    async readDaemonSet(namespace, name) {
      return await retry(`read DaemonSet "${namespace}/${name}"`, async () => {
        try {
          return await apps.readNamespacedDaemonSet({ namespace, name });
        } catch (error) {
          if (error instanceof ApiException && error.code === 404) return undefined;
          throw error;
        }
      });
    },
  };
}

/** Tries again what may pass: conflicts, failed tests, overload, a server that is away. */
async function retry<T>(what: string, request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withDeadline(request());
    } catch (error) {
      const status = error instanceof ApiException ? error.code : undefined;
      const isFinal = status === 401 || status === 403 || status === 404;
      if (isFinal || attempt >= attempts) throw apiError(what, status, error);
      await sleep(Math.min(8000, 250 * 2 ** attempt) * (0.75 + Math.random() / 2));
    }
  }
}

async function withDeadline<T>(request: Promise<T>): Promise<T> {
  const deadline = sleep(requestTimeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`the API server did not answer within ${requestTimeoutMs / 1000} s`);
  });
  return await Promise.race([request, deadline]);
}

function apiError(what: string, status: number | undefined, cause: unknown): KataError {
  const refused = status === 401 || status === 403;
  return new KataError(
    'KATA_KUBE_REQUEST',
    `cannot ${what}${status === undefined ? '' : ` (HTTP ${status})`}`,
    {
      exitCode: refused ? exitCodes.precondition : exitCodes.temporary,
      hint: refused
        ? 'check the service account and its role'
        : 'it is tried again when the pod is started again',
      details: status === undefined ? {} : { status },
      cause: cause instanceof ApiException ? new Error(String(cause.message).split('\n')[0]) : cause,
    },
  );
}
