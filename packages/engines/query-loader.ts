/** Queries the program that the next start of an engine runs: its version, and whether it accepts files. */
import { posix } from 'node:path';
import { describeError, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { Engine, EngineLoader, EngineLocation, FileEdit } from './contract.ts';

/** Why the program could not be queried, which is no reason to refuse anything. */
export interface LoaderUnavailable {
  readonly kind: 'unavailable';
  readonly why: string;
}

export type VersionAnswer = LoaderUnavailable | { readonly kind: 'answers'; readonly version: string };

export type LoaderAnswer =
  | LoaderUnavailable
  | { readonly kind: 'accepts' }
  | { readonly kind: 'refuses'; readonly words: string };

/** The same path for systemd and for our pod; empty after a boot. */
const home: HostPath = '/run/kata-deploy';
const folder: HostPath = `${home}/loader`;
const unit = 'kata-deploy-loader.service';
/** Two queries end within the time that a terminated run has. */
const answerTimeoutMs = 5_000;
const lockTimeoutMs = 15_000;

/** With the unit that starts the program. */
type QueriedEngine = Pick<Engine<unknown>, 'loader' | 'title'> & Pick<EngineLocation, 'unit'>;

export async function queryLoaderVersion(host: Host, engine: QueriedEngine): Promise<VersionAnswer> {
  return await ask(host, engine, async (loader, run) => {
    const { exitCode, output } = await run(loader.versionArguments);
    const version = exitCode === 0 ? loader.readVersion(output) : undefined;
    if (version !== undefined) return { kind: 'answers', version };
    return {
      kind: 'unavailable',
      why: `the program that ${engine.unit} starts does not report a version of ${engine.title}`,
    };
  });
}

/** Only for a program that answered `queryLoaderVersion`: another one may interpret the arguments differently. */
export async function queryLoader<Facts>(
  host: Host,
  engine: QueriedEngine & { readonly loader: EngineLoader<Facts> | undefined },
  facts: Facts,
  edits: readonly Pick<FileEdit, 'path' | 'after'>[],
): Promise<LoaderAnswer> {
  return await ask(host, engine, async (loader, run) => {
    const candidate = loader.makeCandidate(facts, edits, folder);
    if (candidate === undefined) return { kind: 'accepts' };
    // Foreign configuration may contain credentials.
    for (const { path, text } of candidate.copies) {
      const directory = posix.dirname(path) as HostPath;
      if (directory !== folder) await host.files.makeDirectory(directory, 0o700);
      await host.files.write(path, Buffer.from(text), { mode: 0o600 });
    }
    const { exitCode, output } = await run(candidate.arguments);
    if (exitCode === 0) return { kind: 'accepts' };
    const words = loader.readRefusal(output);
    if (words === undefined)
      return { kind: 'unavailable', why: `it exited with ${exitCode} without a reason` };
    return {
      kind: 'refuses',
      words: candidate.copies.reduce((each, { path, of }) => each.replaceAll(path, of), words),
    };
  });
}

/** Removes the files of a run that was killed during a query; those of a running query stay. */
export async function removeLoaderFiles(host: Host): Promise<void> {
  if ((await host.files.info(folder)) === undefined) return;
  try {
    await alone(host, async () => await host.files.removeTree(folder));
  } catch (error) {
    // The next query removes them.
    if (!(error instanceof KataError)) throw error;
  }
}

type Run = (words: readonly string[]) => Promise<{ readonly exitCode: number; readonly output: string }>;

async function ask<Facts, Answer>(
  host: Host,
  { loader, title, unit: started }: QueriedEngine & { readonly loader: EngineLoader<Facts> | undefined },
  question: (loader: EngineLoader<Facts>, run: Run) => Promise<Answer | LoaderUnavailable>,
): Promise<Answer | LoaderUnavailable> {
  const unavailable = (why: string): LoaderUnavailable => ({ kind: 'unavailable', why });
  if (loader === undefined) return unavailable(`${title} cannot check its configuration before a start`);
  try {
    const program = (await host.units.state(started))?.program;
    if (program === undefined) return unavailable(`systemd does not report the program of ${started}`);
    if ((await host.mountOf(home)) === undefined)
      return unavailable(`${home} of the host is not mounted into this container`);
    return await alone(host, async () => {
      const run: Run = async (words) => {
        const output: HostPath = `${folder}/output`;
        const description = `kata-deploy queries ${program} ${words.join(' ')}`;
        const exitCode = await host.units.runProgram({
          ...{ unit, description, program, arguments: words, output, timeoutMs: answerTimeoutMs },
        });
        return { exitCode, output: (await host.files.read(output))?.toString('utf8') ?? '' };
      };
      await host.files.removeTree(folder);
      await host.files.makeDirectory(folder, 0o700);
      try {
        return await question(loader, run);
      } finally {
        await host.files.removeTree(folder);
      }
    });
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return unavailable(describeError(error).replaceAll('\n  ', ', '));
  }
}

/** Read-only commands query, too, and hold no other lock. */
async function alone<T>(host: Host, work: () => Promise<T>): Promise<T> {
  const lock = await host.lock(`${home}/loader.lock`, { holder: unit, timeoutMs: lockTimeoutMs });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
