/** Remembers a restart that failed, until the next boot: the same change is not tried again without a new reason. */
import { createHash } from 'node:crypto';
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import * as z from 'zod';
import type { Plan } from './actions.ts';
import { changesEngine } from './activation.ts';
import type { EngineFacts } from './facts.ts';

const noteSchema = z.object({
  /** SHA-256 of what the engine would load, and of who loads it. */
  change: z.string(),
  /** Who tried it; see `FailedStartOptions`. */
  attempt: z.string().optional(),
  /** Of the engine's start after everything was put back. */
  invocationId: z.string().optional(),
  code: z.templateLiteral(['KATA_', z.string()]),
  message: z.string(),
  hint: z.string().optional(),
});

export interface FailedStartOptions {
  readonly host: Host;
  readonly prefix: HostPath;
  readonly engine: EngineFacts;
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
    const { host, attempt, retries } = this.#options;
    if (retries || !plan.actions.some(({ kind }) => kind === 'engine.restart')) return;
    const note = parseNote((await host.files.read(this.#file))?.toString('utf8'));
    if (note === undefined || note.change !== this.#digest(plan) || note.attempt !== attempt) return;
    if (note.invocationId !== (await this.#invocation())) return;
    const { unit } = this.#options.engine;
    throw new KataError(
      note.code,
      `not tried again, because nothing has changed since it failed: ${note.message}`,
      {
        exitCode: exitCodes.verification,
        hint: `${note.hint ?? `see: journalctl --unit ${unit}`}; when the reason is gone: kata-deploy install --once --retry, or delete the installer's pod`,
        details: { unit },
      },
    );
  }

  /** The note is a help: without it the same is tried once more. */
  async note(plan: Plan, error: unknown): Promise<void> {
    if (!(error instanceof KataError)) return;
    const { code, message, hint } = error;
    const { host, attempt } = this.#options;
    await host.files
      .write(
        this.#file,
        Buffer.from(
          JSON.stringify({
            ...{ change: this.#digest(plan), attempt, invocationId: await this.#invocation() },
            ...{ code, message, hint },
          }),
        ),
        { mode: 0o600 },
      )
      .catch(ignoreKataError);
  }

  async forget(): Promise<void> {
    const { files } = this.#options.host;
    if ((await files.info(this.#file)) !== undefined) await files.remove(this.#file).catch(ignoreKataError);
  }

  get #file(): HostPath {
    return `/run/kata-deploy/failed-start${this.#options.prefix.replaceAll('/', '-')}.json`;
  }

  async #invocation(): Promise<string | undefined> {
    const { host, engine } = this.#options;
    return (await host.units.state(engine.unit))?.invocationId;
  }

  #digest({ actions }: Plan): string {
    const { version, configTexts } = this.#options.engine;
    const changes = actions
      .filter(changesEngine)
      .map((action) => [action.kind, 'path' in action ? action.path : '', textOf(action)]);
    const texts = [...configTexts].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return createHash('sha256').update(JSON.stringify({ version, changes, texts })).digest('hex');
  }
}

function textOf(action: Plan['actions'][number]): string | undefined {
  if (action.kind === 'link.set') return action.target;
  return action.kind === 'file.write' ? action.after : undefined;
}

/** One that cannot be read says nothing. */
function parseNote(text: string | undefined): z.infer<typeof noteSchema> | undefined {
  try {
    return noteSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

function ignoreKataError(error: unknown): void {
  if (!(error instanceof KataError)) throw error;
}
