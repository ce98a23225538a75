import { waitFor } from '@kata/core';
import type { LabDriver } from './lab-driver.ts';

const path = String.raw`jsonpath={.metadata.annotations.katacontainers\.io/kata-upgrade-status}`;

/** Of a node, as a run writes it for people. */
export async function readPhase(lab: LabDriver, node: string): Promise<string> {
  return await lab.kubectl(['get', 'node', node, `--output=${path}`]);
}

/** Waits until a run has brought the node to the phase. */
export async function untilPhase(lab: LabDriver, node: string, phase: string): Promise<void> {
  const what = `node ${node} to be ${phase}`;
  await waitFor({ what, timeoutMs: 180_000, intervalMs: 300 }, async () =>
    (await readPhase(lab, node)) === phase ? true : undefined,
  );
}
