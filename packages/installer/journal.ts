/** The journal: a durable note before and after each action, so that a killed run can be told from a finished one. */
import type { Host, HostPath } from '@kata/host';
import { type Action, describeAction } from './actions.ts';
import { stateDirectory } from './record.ts';

interface JournalEntry {
  readonly step: number;
  readonly phase: 'before' | 'after';
  readonly action: string;
  readonly time: string;
}

const journalFile = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/journal.json`;

export class Journal {
  readonly #host: Host;
  readonly #prefix: HostPath;
  readonly #entries: JournalEntry[] = [];

  constructor(host: Host, prefix: HostPath) {
    this.#host = host;
    this.#prefix = prefix;
  }

  async note(step: number, phase: JournalEntry['phase'], action: Action): Promise<void> {
    const time = this.#host.now().toISOString();
    this.#entries.push({ step, phase, action: describeAction(action), time });
    await this.#host.files.write(
      journalFile(this.#prefix),
      Buffer.from(`${JSON.stringify(this.#entries, undefined, 2)}\n`),
      { mode: 0o600 },
    );
  }

  async close(): Promise<void> {
    await this.#host.files.remove(journalFile(this.#prefix));
  }
}

/** The last note of a run that was not finished. */
export async function readUnfinished(host: Host, prefix: HostPath): Promise<string | undefined> {
  const content = await host.files.read(journalFile(prefix));
  if (content === undefined) return undefined;
  const last = (JSON.parse(content.toString('utf8')) as readonly JournalEntry[]).at(-1);
  return last === undefined ? undefined : `${last.phase} "${last.action}" at ${last.time}`;
}
