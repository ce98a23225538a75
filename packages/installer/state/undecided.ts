/** What the node says of itself while it is not known whether its installation shall go: a note that `status` shows. */
import type { Host, HostPath } from '@kata/host';
import * as z from 'zod';
import { stateDirectory } from './record.ts';

const undecidedSchema = z.object({
  /** ISO 8601 */
  since: z.string(),
  reason: z.string(),
});

export type Undecided = z.infer<typeof undecidedSchema>;

const noteFile = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/undecided.json`;

/** Where nothing is installed, there is nothing to decide. */
export async function noteUndecided(host: Host, prefix: HostPath, reason: string): Promise<void> {
  if ((await host.files.info(stateDirectory(prefix))) === undefined) return;
  const note: Undecided = { since: host.now().toISOString(), reason };
  await host.files.write(noteFile(prefix), Buffer.from(`${JSON.stringify(note)}\n`), { mode: 0o600 });
}

export async function readUndecided(host: Host, prefix: HostPath): Promise<Undecided | undefined> {
  const content = await host.files.read(noteFile(prefix));
  if (content === undefined) return undefined;
  try {
    return undecidedSchema.parse(JSON.parse(content.toString('utf8')));
  } catch {
    // It is only a note: one that cannot be read says that much.
    return { since: '', reason: 'the note of it cannot be read' };
  }
}

/** Changes nothing where there is no note. */
export async function forgetUndecided(host: Host, prefix: HostPath): Promise<void> {
  if ((await host.files.info(noteFile(prefix))) !== undefined) await host.files.remove(noteFile(prefix));
}
