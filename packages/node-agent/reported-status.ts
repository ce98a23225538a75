/** Reads what the Node object reports about the installation, for `kata-deploy status`. */
import { type NodeStatus, readStatus } from '@kata/node';
import type { AgentContext } from './context.ts';

export interface ReportedStatus {
  /** Name of the Node object. */
  readonly node: string;
  /** Null on a node without a status, or when it cannot be read. */
  readonly status: NodeStatus | null;
  /** Why it cannot be read. */
  readonly problem: string | null;
}

/** The rest of the status does not need the API server, and should not wait long for it. */
const limits = { overallMs: 1000, requestMs: 2000 };

/** Undefined without a cluster. Never throws: what the machine has is more important. */
export async function readReportedStatus({
  config,
  clock,
}: Pick<AgentContext, 'config' | 'clock'>): Promise<ReportedStatus | undefined> {
  const { nodeName: node, settings } = config;
  if (node === undefined) return undefined;
  try {
    // Loaded only here, because it is slow.
    const { openCluster } = await import('./open-cluster.ts');
    const seen = await openCluster({ clock }, limits).readNode(node);
    return { node, status: readStatus(seen, settings.suffix) ?? null, problem: null };
  } catch (error) {
    return { node, status: null, problem: error instanceof Error ? error.message : String(error) };
  }
}
