/** Records why the cleanup decision is unknown, so that `status` can report it. */
import type { Host, HostPath } from '@kata/host';
import * as z from 'zod';
import { stateDirectory } from './record.ts';

const unknownDecisionSchema = z.object({
  /** ISO 8601 */
  since: z.string(),
  reason: z.string(),
});

export type UnknownDecision = z.infer<typeof unknownDecisionSchema>;

const decisionFile = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/undecided.json`;

/** Does nothing where nothing is installed. */
export async function recordUnknownDecision(host: Host, prefix: HostPath, reason: string): Promise<void> {
  if ((await host.files.info(stateDirectory(prefix))) === undefined) return;
  const decision: UnknownDecision = { since: host.now().toISOString(), reason };
  await host.files.write(decisionFile(prefix), Buffer.from(`${JSON.stringify(decision)}\n`), { mode: 0o600 });
}

export async function readUnknownDecision(
  host: Host,
  prefix: HostPath,
): Promise<UnknownDecision | undefined> {
  const content = await host.files.read(decisionFile(prefix));
  if (content === undefined) return undefined;
  try {
    return unknownDecisionSchema.parse(JSON.parse(content.toString('utf8')));
  } catch {
    return { since: '', reason: 'its record is damaged' };
  }
}

/** Does nothing when there is no record. */
export async function deleteUnknownDecision(host: Host, prefix: HostPath): Promise<void> {
  if ((await host.files.info(decisionFile(prefix))) !== undefined)
    await host.files.remove(decisionFile(prefix));
}
