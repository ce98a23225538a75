/** Reads engine and sandboxes from the API server, for pods that do not mount the engine's socket: those of upstream's chart. */
import { exitCodes, KataError } from '@kata/core';
import { type InstallationOptions, isOfAnother, type SandboxAnswer } from '@kata/installer';
import { isOurClass } from '@kata/node';
import type { Cluster, NodeObject } from '@kata/kube';

/** kubelet updates its Node object every ten seconds. */
const intervalMs = 2000;

/** Access to the engine and its sandboxes. */
export type NodeView = Required<Pick<InstallationOptions, 'engine' | 'sandboxes'>>;

type ClusterReader = Pick<Cluster, 'readNode' | 'listClassPods'>;

export function viewByApi(
  cluster: ClusterReader,
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

/** Their ids are the uids of the pods. */
async function listSandboxes(
  cluster: ClusterReader,
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
  throw new KataError(
    'KATA_DEPLOY_NO_VERSION',
    `node "${name}" does not report the version of its container runtime`,
    {
      exitCode: exitCodes.temporary,
      hint: 'kubelet reports it once it reaches the container runtime; if it does not, see: journalctl --unit kubelet',
    },
  );
}

/** If the engine reports any to kubelet, there is one without a name, too. */
function handlersOf({ name, runtimeHandlers }: NodeObject): readonly string[] {
  if (runtimeHandlers.length > 0) return runtimeHandlers;
  throw new KataError(
    'KATA_DEPLOY_NO_SOCKET',
    `cannot find out which handlers the container runtime of node "${name}" serves: its socket is not mounted into this pod, and kubelet reports none`,
    {
      exitCode: exitCodes.precondition,
      hint: "containerd before 2.0 does not report them to kubelet: mount the host's /run/containerd into the pod at the same path, or use the chart of kata-deploy",
    },
  );
}
