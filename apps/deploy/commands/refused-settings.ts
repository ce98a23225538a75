/** Reports on the node that the settings are refused: before there is a session, from the identity of the pod alone. */
import { KataError } from '@kata/core';
import type { PodIdentity } from '../config.ts';
import { say } from './session.ts';

/** The node does not wait long for a report. */
const limits = { overallMs: 10_000, requestMs: 5000 };

export async function reportRefusedSettings(
  { nodeName, suffix, podUid }: PodIdentity,
  { code, message }: KataError,
): Promise<void> {
  if (nodeName === undefined) return;
  const { connectCluster } = await import('@kata/kube');
  const { readStatus, statusChange } = await import('@kata/node');
  const { eventReasons, statusAnnotation, statusReasons } = await import('@kata/kata');
  const cluster = connectCluster({ limits });
  const reason = 'InstallFailed';
  try {
    await cluster.patchNode(nodeName, (node) => {
      const before = readStatus(node, suffix);
      const status = {
        phase: statusReasons[reason].phase,
        reason,
        version: before?.version ?? '',
        release: before?.release ?? '',
        time: new Date().toISOString(),
        code,
        message,
        attempt: (before?.attempt ?? 0) + 1,
        ...(before?.current === undefined ? {} : { current: before.current }),
        ...(podUid === undefined ? {} : { podUid }),
      };
      return {
        labels: { [statusAnnotation(suffix)]: null },
        annotations: statusChange(node, suffix, status),
      };
    });
    const { uid } = await cluster.readNode(nodeName);
    const { type } = eventReasons[reason];
    const note = `${code}: ${message}`;
    await cluster.createEvent({ node: { name: nodeName, uid }, type, reason, action: reason, note });
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    say(`the node does not report that the settings are refused: ${error.message}`);
  }
}
