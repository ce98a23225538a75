/** The journal: a durable note before and after each action, so that the next run can finish a killed one. */
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import * as z from 'zod';
import { type Action, describeAction } from './actions.ts';
import type { EngineNote } from './activation.ts';
import { stateDirectory } from './record.ts';

const goalSchema = z.object({
  command: z.enum(['install', 'rollback', 'prune', 'remove']),
  /** The release that shall be active. */
  release: z.string().optional(),
});

/** The goal of a run, so that the next one can finish exactly that. */
export type Goal = z.infer<typeof goalSchema>;

const entrySchema = z.object({
  /** Absent in journals of older versions. */
  goal: goalSchema.optional(),
  /** Absent in journals of older versions: treated as `pending`. */
  engine: z
    .union([z.enum(['loaded', 'pending']), z.object({ changedDuring: z.string() })])
    .optional() satisfies z.ZodType<EngineNote | undefined>,
  step: z.int().default(0),
  phase: z.enum(['before', 'after']),
  action: z.string(),
  time: z.string(),
});

type JournalEntry = z.infer<typeof entrySchema>;

const journalFile = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/journal.json`;

export class Journal {
  readonly #host: Host;
  readonly #prefix: HostPath;
  readonly #goal: Goal;
  readonly #entries: JournalEntry[] = [];
  /** Written with the next note. */
  engine: EngineNote;

  /** `engine`: what the engine had not loaded yet when an earlier run ended. */
  constructor(host: Host, prefix: HostPath, goal: Goal, engine: EngineNote) {
    this.#host = host;
    this.#prefix = prefix;
    this.#goal = goal;
    this.engine = engine;
  }

  async note(step: number, phase: JournalEntry['phase'], action: Action): Promise<void> {
    const [time, { engine }] = [this.#host.now().toISOString(), this];
    this.#entries.push({ goal: this.#goal, engine, step, phase, action: describeAction(action), time });
    await this.#write();
  }

  /** Changes what the last note says of the engine, and nothing else. */
  async amend(engine: EngineNote): Promise<void> {
    this.engine = engine;
    const last = this.#entries.pop();
    if (last === undefined) return;
    this.#entries.push({ ...last, engine });
    await this.#write();
  }

  async #write(): Promise<void> {
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

export interface UnfinishedRun {
  /** Its last note, for users. */
  readonly note: string;
  readonly goal: Goal | undefined;
  readonly engine: EngineNote;
}

/**
 * Undefined when every run has finished.
 *
 * @throws KataError `KATA_INSTALLER_JOURNAL`
 */
export async function readUnfinished(host: Host, prefix: HostPath): Promise<UnfinishedRun | undefined> {
  const content = await host.files.read(journalFile(prefix));
  if (content === undefined) return undefined;
  const last = parseJournal(content.toString('utf8'), journalFile(prefix)).at(-1);
  if (last === undefined) return undefined;
  const { phase, action, time, goal, engine = 'pending' } = last;
  return { note: `${phase} "${action}" at ${time}`, goal, engine };
}

/** Moves a damaged journal aside and starts one that reports an interrupted run. Returns the path of the damaged one. */
export async function replaceJournal(host: Host, prefix: HostPath): Promise<HostPath> {
  const aside: HostPath = `${stateDirectory(prefix)}/journal.damaged.json`;
  if ((await host.files.info(aside)) !== undefined) await host.files.remove(aside);
  await host.files.hardLink(journalFile(prefix), aside);
  const time = host.now().toISOString();
  const entry = { step: 0, phase: 'before', action: 'a run whose journal was damaged', time };
  await host.files.write(journalFile(prefix), Buffer.from(`${JSON.stringify([entry])}\n`), { mode: 0o600 });
  return aside;
}

function parseJournal(text: string, file: HostPath): readonly JournalEntry[] {
  try {
    return z.array(entrySchema).parse(JSON.parse(text));
  } catch (error) {
    throw new KataError('KATA_INSTALLER_JOURNAL', `the journal ${file} is damaged`, {
      exitCode: exitCodes.precondition,
      hint: 'run: kata-deploy recover',
      cause: error instanceof z.ZodError ? new Error(z.prettifyError(error)) : error,
      details: { file },
    });
  }
}
