/** Remembers restarts that failed, and those whose change was put back, until the next boot: the same change is not tried again without a new reason. */
import { exitCodes, KataError, sha256 } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import * as z from 'zod';
import { type Plan, restartsEngine } from '../state/actions.ts';
import { changesEngine } from '../state/activation.ts';
import { revertedCode } from '../plan/check-converged.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import type { Goal } from '../state/journal.ts';

/** Of all installations: those that one of them undoes are no new reason for another. */
const file: HostPath = '/run/kata-deploy/failed-starts.json';

const noteSchema = z.object({
  /** SHA-256 of what the engine would load, and of who loads it. */
  change: z.string(),
  /** Who tried it; see `FailedStartOptions`. */
  attempt: z.string().optional(),
  /** Of the engine's start after everything was put back, by whichever of our runs. */
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
  /** Such as the uid of our pod: another one is a new reason, the next start of its container is none. */
  readonly attempt: string | undefined;
  /** A person wants it tried again. */
  readonly retries: boolean;
}

export class FailedStart {
  readonly #options: FailedStartOptions;

  constructor(options: FailedStartOptions) {
    this.#options = options;
  }

  /** @throws KataError as it was thrown before, where nothing has changed since. */
  async refuse(plan: Plan): Promise<void> {
    const { attempt, retries } = this.#options;
    if (retries || !restartsEngine(plan)) return;
    const change = this.#digest(plan);
    const note = (await this.#notes()).find((each) => each.change === change && each.attempt === attempt);
    if (note === undefined || !stands(note, await this.#invocation())) return;
    const { unit } = this.#options.engine;
    throw new KataError(
      note.code,
      `not tried again, because nothing has changed since it failed: ${note.message}`,
      {
        exitCode: exitCodes.verification,
        hint: `${note.hint ?? `see: journalctl --unit ${unit}`}; when the reason is gone: ${this.#nextStep}`,
        details: { unit },
      },
    );
  }

  /** The note is a help: without it the same is tried once more. */
  async note(plan: Plan, error: unknown): Promise<void> {
    if (!(error instanceof KataError)) return;
    const { code, message, hint } = error;
    const { host, attempt, engine } = this.#options;
    try {
      const [change, invocationId] = [this.#digest(plan), await this.#invocation()];
      const others = (await this.#notes())
        .filter((each) => each.change !== change && stands(each, engine.invocationId))
        .map((each): Note => ({ ...each, invocationId }));
      const notes: readonly Note[] = [...others, { change, attempt, invocationId, code, message, hint }];
      await host.files.write(file, Buffer.from(JSON.stringify(notes)), { mode: 0o600 });
    } catch (problem) {
      ignoreKataError(problem);
    }
  }

  /** A start with a change that it accepts is a new reason for all. */
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

/** A start of the engine is a new reason; for what was put back it is none: who does that may start it each time. */
function stands({ code, invocationId }: Note, now: string | undefined): boolean {
  return code === revertedCode || invocationId === now;
}

function textOf(action: Plan['actions'][number]): string | undefined {
  if (action.kind === 'link.set') return action.target;
  return action.kind === 'file.write' ? action.after : undefined;
}

/** One that cannot be read says nothing. */
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
