/** The node object of this machine, and what is said on it. Where there is no cluster, there is none and nothing is said. */
import { exitCodes, KataError } from '@kata/core';
import type { EventReason, StatusReason } from '@kata/kata';
import type { Cluster, MetadataChanges, NodeObject, ChangesOf } from '@kata/kube';
import type { HandlerEntry, Installed } from '@kata/installer';
import type { NodeStatus } from '@kata/node';
import type { Serving } from './node-truth.ts';
import { say, type Session } from './session.ts';

export interface ServedRelease {
  readonly release: string;
  readonly version: string;
  readonly handlers: readonly HandlerEntry[];
  /** kubelet may write labels of its own after the engine came back. */
  readonly restartedEngine: boolean;
}

export function servedBy({ release, version, handlers, plan }: Installed): ServedRelease {
  const restartedEngine = plan.actions.some(({ kind }) => kind === 'engine.restart');
  return { release, version, handlers, restartedEngine };
}

/** What a status says beside its reason and the current release. */
export type StatusDetails = Partial<Pick<NodeStatus, 'offered' | 'approved' | 'code' | 'message' | 'before'>>;

const stable = { observations: 3, intervalMs: 1000, rounds: 12 };
/** Nobody waits long for an Event. */
const eventLimits = { overallMs: 5000, requestMs: 5000 };

/** Undefined, and said so, where NODE_NAME is not set. */
export async function openClusterNode(session: Session): Promise<ClusterNode | undefined> {
  const name = session.config.nodeName;
  if (name === undefined) {
    say('NODE_NAME is not set: no node is labelled');
    return undefined;
  }
  // Only here, for it takes a while to load.
  const { connectCluster } = await import('@kata/kube');
  return new ClusterNode(session, name, connectCluster({ limits: session.apiLimits }));
}

export class ClusterNode {
  readonly cluster: Cluster;
  readonly name: string;
  readonly #session: Session;
  readonly #suffix: string;
  #details: StatusDetails = {};
  #before: NodeStatus | 'nothing' | undefined;

  constructor(session: Session, name: string, cluster: Cluster) {
    this.#session = session;
    this.#suffix = session.config.settings.suffix;
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
    const { claimChanges } = await import('@kata/node');
    await this.patch((node) => claimChanges(node, this.#suffix));
  }

  /** Every status that follows says this, too. */
  remember(details: StatusDetails): void {
    this.#details = { ...this.#details, ...details };
  }

  /** Changes the status and no label. Returns whether the node said something else before. */
  async saysStatus(
    reason: StatusReason,
    release: string | undefined,
    details: StatusDetails = {},
  ): Promise<boolean> {
    const { statusChange } = await import('@kata/node');
    const status = await this.status(reason, release, details);
    const changes = (node: NodeObject): MetadataChanges => ({
      labels: {},
      annotations: statusChange(node, this.#suffix, status),
    });
    return await this.say(status, changes);
  }

  /** Patches the node with the status among what changes. Returns whether it said something else before. */
  async say(status: NodeStatus, changes: ChangesOf): Promise<boolean> {
    const { isSameStatus, readStatus } = await import('@kata/node');
    const { statusAnnotation } = await import('@kata/kata');
    const name = statusAnnotation(this.#suffix);
    let isNews = false;
    await this.patch((node) => {
      isNews = !isSameStatus(readStatus(node, this.#suffix), status);
      return withDriftLabel(changes(node), name, status);
    });
    return isNews;
  }

  async status(
    reason: StatusReason,
    release: string | undefined,
    details: StatusDetails = {},
  ): Promise<NodeStatus> {
    const { offerOf, readStatus, versionOf } = await import('@kata/node');
    const { statusReasons } = await import('@kata/kata');
    const { podUid } = this.#session.config;
    // Once per run: each run changes the annotation, and counts once however often it writes.
    this.#before ??= readStatus(await this.read(), this.#suffix) ?? 'nothing';
    const before = this.#before === 'nothing' ? undefined : this.#before;
    const previous = await this.#previous();
    return {
      phase: statusReasons[reason].phase,
      version: release === undefined ? '' : versionOf(release),
      release: release ?? '',
      reason,
      time: this.#session.host.now().toISOString(),
      ...offerOf(before, podUid),
      ...this.#details,
      ...details,
      ...(release === undefined ? {} : { current: release }),
      ...(previous === undefined ? {} : { previous }),
      ...(podUid === undefined ? {} : { podUid }),
      attempt: (before?.attempt ?? 0) + 1,
    };
  }

  /** A record that cannot be read keeps nobody from saying what is wrong. */
  async #previous(): Promise<string | undefined> {
    const { readRecord } = await import('@kata/installer');
    const { host, config } = this.#session;
    try {
      return (await readRecord(host, config.settings.prefix))?.previous ?? undefined;
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
      return undefined;
    }
  }

  /** Labels the node, waits until the labels stay where that is in doubt, and lifts the taints that kept pods away. */
  async serve(release: ServedRelease, reason: StatusReason = 'Installed'): Promise<void> {
    const { servingChanges } = await import('@kata/node');
    const { applyUntilStable } = await import('@kata/kube');
    const { makeLabelsTrue, readServing } = await import('./node-truth.ts');
    const { handlersOfOthers } = await import('./own-pods.ts');
    const serving = await readServing(this.#session);
    const handlers = requireServed(release, serving);
    const listed = [...serving.listed, ...(await handlersOfOthers(this.#session, this))];
    const status = await this.status(reason, release.release);
    const { statusAnnotation } = await import('@kata/kata');
    const name = statusAnnotation(this.#suffix);
    const changes = (node: NodeObject): MetadataChanges =>
      withDriftLabel(servingChanges(node, this.#suffix, handlers, listed, status), name, status);
    if (release.restartedEngine) {
      const { pauseMs = stable.intervalMs } = this.#session;
      await applyUntilStable(this.cluster, this.name, changes, { ...stable, intervalMs: pauseMs });
    } else {
      await this.patch(changes);
      await this.#warnOfKubelet(release);
    }
    if (handlers.length < release.handlers.length) await makeLabelsTrue(this.#session, this);
    const { startupTaints } = this.#session.config.settings;
    if (startupTaints.length === 0) return;
    const lifted = await this.cluster.removeTaints(this.name, startupTaints);
    if (lifted.length > 0) say(`taints lifted: ${lifted.map((t) => `${t.key}:${t.effect}`).join(', ')}`);
  }

  /** After a restart kubelet needs a while to learn them, so only where there was none. */
  async #warnOfKubelet({ handlers }: ServedRelease): Promise<void> {
    const { runtimeHandlers } = await this.read();
    if (runtimeHandlers.length === 0) return;
    const unknown = handlers.filter(({ name }) => !runtimeHandlers.includes(name));
    if (unknown.length === 0) return;
    say(`warning: kubelet does not know ${unknown.map(({ name }) => name).join(', ')} yet`);
  }

  /** An Event is a courtesy: that it cannot be recorded is said and nothing else. */
  async event(reason: EventReason, note: string): Promise<void> {
    const { connectCluster } = await import('@kata/kube');
    const { eventReasons } = await import('@kata/kata');
    const cluster = connectCluster({ limits: eventLimits });
    try {
      const { uid } = await cluster.readNode(this.name);
      const { type } = eventReasons[reason];
      await cluster.createEvent({ node: { name: this.name, uid }, type, reason, action: reason, note });
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
      say(`the Event ${reason} is not recorded: ${error.message}`);
    }
  }
}

/** Drift is a label, too, of the annotation's name, so that nodes can be listed and selected by it. */
function withDriftLabel(changes: MetadataChanges, name: string, { phase }: NodeStatus): MetadataChanges {
  const { labels, annotations } = changes;
  if (typeof annotations?.[name] !== 'string') return changes;
  return { labels: { ...labels, [name]: phase === 'drifted' ? phase : null }, annotations };
}

/** Returns those that get a label; throws `KATA_DEPLOY_NOT_SERVED` where there is none. What a handler lacks may be for an administrator to bring, and is no reason to label none. */
export function requireServed(
  { release, handlers }: ServedRelease,
  { listed, usable }: Serving,
): readonly HandlerEntry[] {
  const namesWithout = (served: readonly string[]): string =>
    handlers.flatMap(({ name }) => (served.includes(name) ? [] : name)).join(', ');
  const [unlisted, unusable] = [namesWithout(listed), namesWithout(usable)];
  const labelled = handlers.filter(({ name }) => usable.includes(name));
  const lacks = `a file of ${unusable} of release ${release} is missing or damaged`;
  if (unlisted === '' && labelled.length > 0) {
    if (unusable !== '') say(`warning: ${lacks}, so there is no label for it; run: kata-deploy verify`);
    return labelled;
  }
  const why = unlisted === '' ? lacks : `the engine does not serve ${unlisted} of release ${release}`;
  throw new KataError('KATA_DEPLOY_NOT_SERVED', `the node is not labelled: ${why}`, {
    exitCode: exitCodes.verification,
    hint: 'run: kata-deploy verify',
  });
}
