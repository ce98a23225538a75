/** Keeps a node from saying that it serves what it does not: labels follow what the engine lists. */
import { KataError } from '@kata/core';
import type { LabelTruth } from '@kata/installer';
import type { ClusterNode } from './cluster-node.ts';
import { seesLegacyInstaller } from './legacy-installer.ts';
import { listOwnPods } from './own-pods.ts';
import { say, type Session } from './session.ts';

/** Takes back what is not true. Labels stay while pods need them, and where the engine does not say what it serves. */
export async function makeLabelsTrue(session: Session, node: ClusterNode): Promise<void> {
  const { truthfulLabels } = await import('@kata/installer');
  const { suffix } = session.config.settings;
  const truth = await seeTruth(session, node);
  if (truth === undefined) return;
  const changed = await node.patch((seen) => ({
    labels: truthfulLabels(seen, suffix, truth),
    annotations: {},
  }));
  if (changed) say('labels of handlers that the container runtime does not serve are removed');
}

async function seeTruth(session: Session, node: ClusterNode): Promise<LabelTruth | undefined> {
  const { readRecord, wantedHandlers } = await import('@kata/installer');
  const { host, config, engine, installation } = session;
  try {
    const served = await engine.servedHandlers();
    const { running } = await installation.lookAtSandboxes();
    const record = await readRecord(host, config.settings.prefix);
    const bound = record === undefined ? [] : await listOwnPods(session, node, record);
    if (running.length + bound.length > 0) return undefined;
    const ours = [...(record?.handlers ?? []), ...wantedHandlers(config.settings)].map(({ name }) => name);
    const hasLegacy = await seesLegacyInstaller(config, node);
    return { served, ours, hasLegacy };
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    say(`labels stay as they are: ${error.message}`);
    return undefined;
  }
}
