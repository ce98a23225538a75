/** Records restarts that failed, and changes that another program reverted, until the next boot: the same change is not tried again without a new reason. */
import { exitCodes, KataError, sha256 } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import * as z from 'zod';
import { type Plan, restartsEngine } from '../state/actions.ts';
import { changesEngine } from '../state/activation.ts';
import { revertedCode } from '../plan/check-converged.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import type { Goal } from '../state/journal.ts';

/** One file for all installations: a restart that one of them makes for its rollback is no new reason for another. */
const file: HostPath = '/run/kata-deploy/failed-starts.json';

const noteSchema = z.object({
  /** SHA-256 of what the engine would load, and of its version. */
  change: z.string(),
  /** See `FailedStartOptions`. */
  attempt: z.string().optional(),
  /** Of the engine's start after the rollback, by any of our runs. */
  invocationId: z.string().optional(),
  code: z.templateLiteral(['KATA_', z.string()]),
  message: z.string(),
  hint: z.string().optional(),
});

type Note = z.infer<typeof noteSchema>;

export interface FailedStartOptions {
  readonly host: Host;
  readonly prefix: HostPath;
  readonly engine: EngineFacts;
  readonly command: Goal['command'];
  /** Such as the uid of our pod: another pod is a new reason, another start of its container is not. */
  readonly attempt: string | undefined;
  /** A user requests another attempt. */
  readonly retries: boolean;
}

export class FailedStart {
  readonly #options: FailedStartOptions;

  constructor(options: FailedStartOptions) {
    this.#options = options;
  }

  /** @throws KataError the recorded error, when nothing has changed since. */
  async refuse(plan: Plan): Promise<void> {
    const { attempt, retries } = this.#options;
    if (retries || !restartsEngine(plan)) return;
    const change = this.#digest(plan);
    const note = (await this.#notes()).find((each) => each.change === change && each.attempt === attempt);
    if (note === undefined || !isCurrent(note, await this.#invocation())) return;
    const { unit } = this.#options.engine;
    throw new KataError(
      note.code,
      `not tried again, because nothing has changed since it failed: ${note.message}`,
      {
        exitCode: exitCodes.verification,
        hint: `${note.hint ?? `see: journalctl --unit ${unit}`}; when the cause is fixed: ${this.#nextStep}`,
        details: { unit },
      },
    );
  }

  /** Best effort: without the note the same change is tried once more. */
  async note(plan: Plan, error: unknown): Promise<void> {
    if (!(error instanceof KataError)) return;
    const { code, message, hint } = error;
    const { host, attempt, engine } = this.#options;
    try {
      const [change, invocationId] = [this.#digest(plan), await this.#invocation()];
      const others = (await this.#notes())
        .filter((each) => each.change !== change && isCurrent(each, engine.invocationId))
        .map((each): Note => ({ ...each, invocationId }));
      const notes: readonly Note[] = [...others, { change, attempt, invocationId, code, message, hint }];
      await host.files.write(file, Buffer.from(JSON.stringify(notes)), { mode: 0o600 });
    } catch (problem) {
      ignoreKataError(problem);
    }
  }

  /** After a successful start: it is a new reason for all recorded changes. */
  async clear(): Promise<void> {
    const { files } = this.#options.host;
    const isThere = (await files.info(file).catch(ignoreKataError)) !== undefined;
    if (isThere) await files.remove(file).catch(ignoreKataError);
  }

  get #nextStep(): string {
    const { command, engine } = this.#options;
    return command === 'install'
      ? "kata-deploy install --once --retry, or delete the installer's pod"
      : `systemctl restart ${engine.unit}, and run this again`;
  }

  async #notes(): Promise<readonly Note[]> {
    const content = await this.#options.host.files.read(file).catch(ignoreKataError);
    return parseNotes(content?.toString('utf8'));
  }

  async #invocation(): Promise<string | undefined> {
    const { host, engine } = this.#options;
    return (await host.units.state(engine.unit))?.invocationId;
  }

  #digest({ actions }: Plan): string {
    const { prefix, engine } = this.#options;
    const { version, configTexts } = engine;
    const changes = actions
      .filter(changesEngine)
      .map((action) => [action.kind, 'path' in action ? action.path : '', textOf(action)]);
    const texts = [...configTexts].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return sha256(JSON.stringify({ prefix, version, changes, texts }));
  }
}

/** A start of the engine is a new reason, except for a reverted change: the program that reverts it may also start the engine. */
function isCurrent({ code, invocationId }: Note, now: string | undefined): boolean {
  return code === revertedCode || invocationId === now;
}

function textOf(action: Plan['actions'][number]): string | undefined {
  if (action.kind === 'link.set') return action.target;
  return action.kind === 'file.write' ? action.after : undefined;
}

/** A file that cannot be parsed counts as empty. */
function parseNotes(text: string | undefined): readonly Note[] {
  try {
    return z.array(noteSchema).parse(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
}

function ignoreKataError(error: unknown): undefined {
  if (!(error instanceof KataError)) throw error;
}
