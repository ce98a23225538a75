/** What a node's object and kubelet say of its engine, for pods that see no socket of it: those of upstream's chart. */
import { exitCodes, KataError } from '@kata/core';
import { type InstallationOptions, isOfAnother, type SandboxAnswer } from '@kata/installer';
import { isOurClass } from '@kata/node';
import type { Cluster, NodeObject } from '@kata/kube';

/** kubelet writes to its node every ten seconds. */
const intervalMs = 2000;

/** How the engine and its sandboxes are seen. */
export type NodeView = Required<Pick<InstallationOptions, 'engine' | 'sandboxes'>>;

type AskedCluster = Pick<Cluster, 'readNode' | 'listClassPods'>;

export function viewByApi(
  cluster: AskedCluster,
  { nodeName, suffix }: { readonly nodeName: string; readonly suffix: string },
): NodeView {
  return {
    engine: {
      intervalMs,
      version: async () => versionOf(await cluster.readNode(nodeName)),
      servedHandlers: async () => handlersOf(await cluster.readNode(nodeName)),
    },
    sandboxes: async (handlers) => await listSandboxes(cluster, { nodeName, suffix }, handlers),
  };
}

/** By the uids of their pods. */
async function listSandboxes(
  cluster: AskedCluster,
  { nodeName, suffix }: { readonly nodeName: string; readonly suffix: string },
  handlers: readonly string[],
): Promise<SandboxAnswer> {
  const pods = await cluster.listClassPods(nodeName);
  if (pods.length === 0) return { running: [], allIds: undefined };
  const { runtimeHandlers } = await cluster.readNode(nodeName);
  const running = pods
    .filter(
      ({ runtimeClass, nodeSelector }) =>
        !isOfAnother(nodeSelector, suffix) && isOurClass(runtimeClass, handlers, runtimeHandlers),
    )
    .map(({ uid, name, runtimeClass }) => {
      const handler = handlers.find((one) => one === runtimeClass);
      return { id: uid, handler, podUid: uid, podName: name };
    });
  return { running, allIds: undefined };
}

function versionOf({ name, nodeInfo }: NodeObject): string {
  const [, version] = /^[a-z-]+:\/\/(.+)$/.exec(String(nodeInfo['containerRuntimeVersion'])) ?? [];
  if (version !== undefined) return version;
  throw new KataError('KATA_DEPLOY_NO_VERSION', `node "${name}" does not say what its engine is`, {
    exitCode: exitCodes.temporary,
    hint: 'it says so when its kubelet reaches the engine; until then, see: journalctl --unit kubelet',
  });
}

/** kubelet lists one without a name, too, wherever the engine tells it any. */
function handlersOf({ name, runtimeHandlers }: NodeObject): readonly string[] {
  if (runtimeHandlers.length > 0) return runtimeHandlers;
  throw new KataError(
    'KATA_DEPLOY_NO_SOCKET',
    `cannot tell which handlers the engine of node "${name}" serves: its socket is not mounted, and kubelet is told none`,
    {
      exitCode: exitCodes.precondition,
      hint: "containerd before 2.0 tells kubelet none: mount the host's /run/containerd into the pod at the same path, or use the chart of this program",
    },
  );
}
