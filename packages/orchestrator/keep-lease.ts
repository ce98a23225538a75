/** Keeps the Lease of a run, and refuses work once another process has it. */
import { exitCodes, KataError } from '@kata/core';
import { lifecycleLease } from '@kata/kata';
import { Lease, type LeaseOptions, type LeaseWait } from '@kata/kube/fleet';
import { lifecycleCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { describeHolder } from './lease-holder.ts';

interface Holding {
  readonly durationMs: number;
  /** Other processes hold it under the same name: it is not released at the end, unless `releaseAtEnd` says so. */
  readonly isShared: boolean;
}

export class KeptLease implements AsyncDisposable {
  readonly #lease: Lease;
  readonly #context: FleetContext;
  readonly #durationMs: number;
  #isReleasedAtEnd: boolean;
  readonly #end = new AbortController();
  #renewing: Promise<unknown> | undefined;
  #lost: { readonly error: unknown } | undefined;

  private constructor(context: FleetContext, lease: Lease, { durationMs, isShared }: Holding) {
    this.#context = context;
    this.#lease = lease;
    this.#durationMs = durationMs;
    this.#isReleasedAtEnd = !isShared;
  }

  /** @throws KataError `KATA_LIFECYCLE_RUNNING` when a living process has it. */
  static async acquire(
    context: FleetContext,
    options: Omit<LeaseOptions, 'namespace'>,
    { isForced, isShared }: { readonly isForced: boolean; readonly isShared: boolean },
  ): Promise<KeptLease> {
    const { namespace } = context.installation;
    const lease = new Lease(context.api, { ...options, namespace });
    const onWait = ({ holder, until }: LeaseWait): void =>
      context.emit()({ kind: 'run.waiting', holder, until: until.toISOString() });
    const outcome = await lease.acquire({ isForced, onWait });
    if (outcome.kind === 'held') throw running(outcome.holder, context);
    const kept = new KeptLease(context, lease, {
      durationMs: options.durationSeconds * 1000,
      isShared,
    });
    kept.#renewing = kept.#renew();
    return kept;
  }

  /**
   * Before each change: a process that was stopped for a while must not go on when another process has the Lease, or has
   * taken it by force and released it since. @throws KataError `KATA_LIFECYCLE_DEPOSED`
   */
  async check(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost.error;
    try {
      if (this.#lease.remainingMs > this.#durationMs / 2) await this.#lease.verify();
      else await this.#lease.renew();
    } catch (error) {
      throw this.#isLost(error) ? deposed(error, this.#context) : error;
    }
  }

  #isLost(error: unknown): error is KataError {
    return error instanceof KataError && error.code === 'KATA_KUBE_LEASE_LOST';
  }

  /** Of a shared one: true when no other process comes after this one. */
  releaseAtEnd(isLast: boolean): void {
    this.#isReleasedAtEnd = isLast;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#renewing;
    if (this.#lost === undefined && this.#isReleasedAtEnd) await this.#release();
  }

  /** Otherwise it expires; its error would hide that of the run, such as an API server that does not answer. */
  async #release(): Promise<void> {
    try {
      await this.#lease.release();
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
    }
  }

  async #renew(): Promise<void> {
    const { signal } = this.#end;
    for (;;) {
      await this.#context.clock.sleep(this.#durationMs / 3, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#lease.renew();
      } catch (error) {
        // Without an answer the next check renews, or fails.
        if (!this.#isLost(error)) continue;
        this.#lost = { error: deposed(error, this.#context) };
        return;
      }
    }
  }
}

function deposed({ details }: KataError, { installation }: FleetContext): KataError {
  const { holder } = details as { readonly holder: string };
  const { namespace, suffix } = installation;
  const who = holder === '' ? 'nobody' : describeHolder(holder);
  return new KataError(
    'KATA_LIFECYCLE_DEPOSED',
    `this process changes nothing more, because ${who} holds Lease "${namespace}/${lifecycleLease(suffix)}" now`,
    {
      exitCode: exitCodes.conflict,
      hint: `see what goes on: ${lifecycleCommand(installation, 'status')}`,
      details: { holder },
    },
  );
}

function running(holder: string, { installation }: FleetContext): KataError {
  const stop = lifecycleCommand(installation, 'stop');
  return new KataError('KATA_LIFECYCLE_RUNNING', `another run is in progress: ${describeHolder(holder)}`, {
    exitCode: exitCodes.conflict,
    hint: `wait until it ends, or stop it: ${stop}; to take its place: --take-over`,
    details: { holder },
  });
}
