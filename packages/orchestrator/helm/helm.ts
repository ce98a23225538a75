/** Runs the program `helm`: arguments as an array, an explicit environment, deadlines, bounded output. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { execa, ExecaError } from 'execa';
import { helmEnvironment, repositoriesFile } from './helm-environment.ts';
import { helmFailure } from './helm-failure.ts';

export interface HelmOptions {
  /** Name or path of the program. */
  readonly program: string;
  /** Of the caller; see `helmEnvironment`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

export interface HelmCall {
  /** Completes "cannot …"; without secrets. */
  readonly what: string;
  readonly timeoutMs: number;
  /** For the standard input. */
  readonly input?: string;
}

/** `--reset-then-reuse-values` came with it. */
const oldest = { major: 3, minor: 14 };
const stopMs = 10_000;
/** Above all that Helm prints: a release has at most 1 MiB, compressed. */
const mostBytes = 64 * 2 ** 20;

export class Helm implements AsyncDisposable {
  /** A private folder that exists as long as this object. */
  readonly scratch: string;
  readonly #options: HelmOptions;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(options: HelmOptions, scratch: string) {
    this.#options = options;
    this.scratch = scratch;
    this.#environment = helmEnvironment(options.environment, scratch);
  }

  /** @throws KataError when there is no such program, or it is too old. */
  static async open(options: HelmOptions): Promise<Helm> {
    const helm = new Helm(options, await mkdtemp(join(tmpdir(), 'kata-helm-')));
    try {
      await helm.#requireVersion();
      return helm;
    } catch (error) {
      await helm[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The file where Helm stores repositories, with their passwords. */
  get repositories(): string {
    return repositoriesFile(this.scratch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true });
  }

  /**
   * Returns its standard output. When it is aborted or the deadline passes, Helm gets SIGTERM, with which it marks an
   * upgrade as failed, and SIGKILL only if it does not end.
   */
  async run(argv: readonly string[], call: HelmCall): Promise<string> {
    const result = await this.#tryRun(argv, call);
    if (result instanceof KataError) throw result;
    return result;
  }

  /** Undefined when Helm reports that there is no such release, or no such revision. */
  async read(argv: readonly string[], call: HelmCall): Promise<string | undefined> {
    const result = await this.#tryRun(argv, call);
    if (!(result instanceof KataError)) return result;
    if (result.code === 'KATA_HELM_RELEASE_ABSENT') return undefined;
    throw result;
  }

  async #tryRun(argv: readonly string[], call: HelmCall): Promise<string | KataError> {
    const { program, signal } = this.#options;
    signal?.throwIfAborted();
    try {
      const { stdout } = await execa(program, argv, {
        env: { ...this.#environment },
        extendEnv: false,
        cwd: this.scratch,
        ...(call.input === undefined ? { stdin: 'ignore' } : { input: call.input }),
        ...(signal === undefined ? {} : { cancelSignal: signal }),
        timeout: call.timeoutMs,
        forceKillAfterDelay: stopMs,
        maxBuffer: mostBytes,
        stripFinalNewline: false,
      });
      return stdout;
    } catch (error) {
      if (!(error instanceof ExecaError)) throw error;
      if (error.isCanceled) throw signal?.reason ?? error;
      return failureOf(program, call, error);
    }
  }

  async #requireVersion(): Promise<void> {
    const argv = ['version', '--template', '{{.Version}}'];
    const text = await this.run(argv, { what: 'read the version of Helm', timeoutMs: 30_000 });
    const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)\./.exec(text) ?? [];
    const isRecent = Number(major) > oldest.major || Number(minor) >= oldest.minor;
    if (Number(major) >= oldest.major && isRecent) return;
    const { program } = this.#options;
    throw new KataError('KATA_HELM_VERSION', `${program} is Helm ${text.trim() || 'of an unknown version'}`, {
      exitCode: exitCodes.precondition,
      hint: `use Helm ${oldest.major}.${oldest.minor} or newer`,
    });
  }
}

function failureOf(program: string, { what, timeoutMs }: HelmCall, error: ExecaError): KataError {
  if (error.timedOut) {
    return new KataError(
      'KATA_HELM_TIMEOUT',
      `cannot ${what}: Helm did not end within ${timeoutMs / 1000} s`,
      {
        exitCode: exitCodes.timeout,
        hint: 'check that the API server and the registry of the chart answer, then run this again',
      },
    );
  }
  const { exitCode, signal } = error;
  if (exitCode === undefined && signal === undefined) {
    const why = error.code ?? error.originalMessage ?? 'unknown cause';
    return new KataError('KATA_HELM_MISSING', `cannot ${what}: cannot run ${program} (${why})`, {
      exitCode: exitCodes.precondition,
      hint: 'install Helm, or name the program',
    });
  }
  const how = exitCode === undefined ? `was ended by ${signal}` : `failed with exit code ${exitCode}`;
  return helmFailure(what, String(error.stderr ?? ''), how);
}
