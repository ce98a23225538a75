/** Reads and writes the Node object of this machine: labels, status annotation and Events. */
import { KataError } from '@kata/core';
import { readRecord } from '@kata/installer';
import {
  type EventReason,
  eventReasons,
  statusAnnotation,
  type StatusReason,
  statusReasons,
} from '@kata/kata';
import { type ChangesOf, type Cluster, type MetadataChanges, type NodeObject } from '@kata/kube';
import {
  claimChanges,
  isSameStatus,
  type NodeStatus,
  offerOf,
  readStatus,
  statusChange,
  versionOf,
} from '@kata/node';
import { bestEffort } from './best-effort.ts';
import type { AgentContext } from './context.ts';
import { openCluster } from './open-cluster.ts';

/** Parts of a status in addition to its reason and the current release. */
export type StatusDetails = Partial<Pick<NodeStatus, 'offered' | 'approved' | 'code' | 'message' | 'before'>>;

/** An Event is best effort, so it gets little time. */
const eventLimits = { overallMs: 5000, requestMs: 5000 };

/** Without NODE_NAME: reports that there is no node, and returns undefined. */
export function openClusterNode(context: AgentContext): ClusterNode | undefined {
  const name = context.config.nodeName;
  if (name === undefined) {
    context.report.note('NODE_NAME is not set: no Node object is updated');
    return undefined;
  }
  return new ClusterNode(context, name, openCluster(context, context.apiLimits));
}

export class ClusterNode {
  readonly cluster: Cluster;
  readonly name: string;
  readonly #context: AgentContext;
  readonly #suffix: string;
  #details: StatusDetails = {};
  #before: NodeStatus | 'nothing' | undefined;

  constructor(context: AgentContext, name: string, cluster: Cluster) {
    this.#context = context;
    this.#suffix = context.config.settings.suffix;
    this.name = name;
    this.cluster = cluster;
  }

  async read(): Promise<NodeObject> {
    return await this.cluster.readNode(this.name);
  }

  async patch(changes: MetadataChanges | ChangesOf): Promise<boolean> {
    return await this.cluster.patchNode(this.name, changes);
  }

  async claim(): Promise<void> {
    await this.patch((node) => claimChanges(node, this.#suffix));
  }

  /** Adds the details to every later status of this run. */
  addDetails(details: StatusDetails): void {
    this.#details = { ...this.#details, ...details };
  }

  /** Changes the status and no label but that of drift. Returns whether the node reported another status before. */
  async setStatus(
    reason: StatusReason,
    release: string | undefined,
    details: StatusDetails = {},
  ): Promise<boolean> {
    const status = await this.status(reason, release, details);
    const changes = (node: NodeObject): MetadataChanges => ({
      labels: {},
      annotations: statusChange(node, this.#suffix, status),
    });
    return await this.writeStatus(status, changes);
  }

  /** `changes` must contain the status. Returns whether the node reported another status before. */
  async writeStatus(status: NodeStatus, changes: ChangesOf): Promise<boolean> {
    let isNew = false;
    await this.patch((node) => {
      isNew = !isSameStatus(readStatus(node, this.#suffix), status);
      return withDriftLabel(changes(node), this.#suffix, status);
    });
    return isNew;
  }

  async status(
    reason: StatusReason,
    release: string | undefined,
    details: StatusDetails = {},
  ): Promise<NodeStatus> {
    const { podUid } = this.#context.config;
    const before = await this.statusBefore();
    const previous = await this.#previous();
    return {
      phase: statusReasons[reason].phase,
      version: release === undefined ? '' : versionOf(release),
      release: release ?? '',
      reason,
      time: this.#context.host.now().toISOString(),
      ...offerOf(before, podUid),
      ...this.#details,
      ...details,
      ...(release === undefined ? {} : { current: release }),
      ...(previous === undefined ? {} : { previous }),
      ...(podUid === undefined ? {} : { podUid }),
      attempt: (before?.attempt ?? 0) + 1,
    };
  }

  /** Before this run. */
  async statusBefore(): Promise<NodeStatus | undefined> {
    // Read once per run: `attempt` counts runs, not writes.
    this.#before ??= readStatus(await this.read(), this.#suffix) ?? 'nothing';
    return this.#before === 'nothing' ? undefined : this.#before;
  }

  /** Without an error: the status that reports an unreadable record is written by this code, too. */
  async #previous(): Promise<string | undefined> {
    const { host, config } = this.#context;
    try {
      return (await readRecord(host, config.settings.prefix))?.previous ?? undefined;
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
      return undefined;
    }
  }

  /** Best effort. */
  async event(reason: EventReason, note: string): Promise<void> {
    const cluster = openCluster(this.#context, eventLimits);
    await bestEffort(this.#context, `the Event ${reason} is not recorded`, async () => {
      const { uid } = await cluster.readNode(this.name);
      const { type } = eventReasons[reason];
      await cluster.createEvent({ node: { name: this.name, uid }, type, reason, action: reason, note });
    });
  }
}

/** Drift is also a label, named like the annotation, so that `kubectl get nodes --selector` finds such nodes. */
export function withDriftLabel(
  changes: MetadataChanges,
  suffix: string,
  { phase }: NodeStatus,
): MetadataChanges {
  const { labels, annotations } = changes;
  const name = statusAnnotation(suffix);
  if (typeof annotations?.[name] !== 'string') return changes;
  return { labels: { ...labels, [name]: phase === 'drifted' ? phase : null }, annotations };
}
