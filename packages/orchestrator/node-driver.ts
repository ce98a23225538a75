/** Does the steps of a run on its nodes, as `next` of `@kata/rollout` decides them, until the run ends or needs Helm. */
import { exitCodes, KataError } from '@kata/core';
import { deletePod, type FleetNode } from '@kata/kube/fleet';
import {
  claimText,
  formatClaim,
  hasEnded,
  next,
  type NodeStep,
  type NodeView,
  readClaim,
  type RunMove,
  type RunStep,
} from '@kata/rollout';
import { lifecycleCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { describeFailures } from './describe-failures.ts';
import { evictAll, listEvictable } from './drain.ts';
import type { DrivenRun } from './driven-run.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { KeptLease } from './keep-lease.ts';
import { hasPodFailed } from './has-pod-failed.ts';
import { viewOf } from './node-views.ts';
import { releaseOfClaim } from './release-of-claim.ts';
import { termsOf } from './run-terms.ts';
import type { Verifications } from './verifications.ts';
import { whyLeftAlone } from './why-left-alone.ts';
import { writeNode } from './write-node.ts';

export interface DriverParts {
  readonly watch: FleetWatch;
  readonly lease: Pick<KeptLease, 'check'>;
  readonly verifications: Verifications;
  /** Stores why the user's pod failed, before it is deleted. */
  readonly keepEvidence: (node: string, number: number) => Promise<void>;
  readonly isStopped: () => Promise<boolean>;
}

export type DrivenEnd = Exclude<RunMove, { kind: 'continue' }>;

/** Between two looks without a change. */
const longestPauseMs = 5000;
/** Between two attempts to evict the pods of a node. */
const evictionPauseMs = 2000;
const deletionPauseMs = 1000;

export class NodeDriver {
  readonly #context: FleetContext;
  readonly #run: DrivenRun;
  readonly #parts: DriverParts;
  /** Texts of the claims that this process wrote, by node. */
  readonly #written = new Map<string, string>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #evictable = new Map<string, readonly string[]>();
  readonly #waiting = new Map<string, string>();
  #failure: { readonly error: unknown } | undefined;

  constructor(context: FleetContext, run: DrivenRun, parts: DriverParts) {
    this.#context = context;
    this.#run = run;
    this.#parts = parts;
  }

  /** Until the whole run ends, or waits for the release of Helm. */
  async drive(isPayloadBack: boolean): Promise<DrivenEnd> {
    return await this.#loop(isPayloadBack, (step, views) => {
      for (const { node, step: one } of step.nodes) this.#start(node, one);
      this.#tellLeftAlone(step, views);
      return step.run.kind !== 'continue' && this.#busy.size === 0 ? step.run : undefined;
    });
  }

  /**
   * Only this node; other processes have the others. Returns its view when there is nothing more to do on it here; undefined
   * when it does not exist any more.
   */
  async driveNode(name: string, isPayloadBack: boolean): Promise<NodeView | undefined> {
    return await this.#loop(isPayloadBack, (step, views, isStopped) => {
      const own = step.nodes.find(({ node }) => node === name);
      if (own !== undefined) this.#start(name, own.step);
      const view = views.find((one) => one.name === name);
      const isBegun = view?.claim?.run === this.#run.id;
      const isLeft = step.leftAlone.includes(name);
      const isThere = view !== undefined;
      const waitsForRoom = isThere && !isBegun && !isLeft && step.run.kind === 'continue' && !isStopped;
      if (own !== undefined || this.#busy.size > 0 || waitsForRoom) return undefined;
      return { view };
    }).then(({ view }) => view);
  }

  /** What there is to do, without doing it. */
  async look(
    isPayloadBack: boolean,
  ): Promise<{ readonly move: RunMove; readonly views: readonly NodeView[] }> {
    return await this.#loop(isPayloadBack, ({ run }, views) => ({ move: run, views }));
  }

  /** Deletes the pods that killed processes left on nodes at their end; all else is only looked at. */
  async removeLeftPods(): Promise<{ readonly move: RunMove }> {
    return await this.#loop(true, (step, views) => {
      const left = step.nodes.filter(({ node, step: { kind } }) => {
        const claim = views.find(({ name }) => name === node)?.claim;
        const isOver = claim?.run === this.#run.id && hasEnded(claim.phase);
        return isOver && (kind === 'delete-verification-pod' || kind === 'wait');
      });
      for (const { node, step: one } of left) this.#start(node, one);
      return left.length + this.#busy.size === 0 ? { move: step.run } : undefined;
    });
  }

  async #loop<T>(
    isPayloadBack: boolean,
    act: (step: RunStep, views: readonly NodeView[], isStopped: boolean) => T | undefined,
  ): Promise<T> {
    const { watch, verifications, isStopped } = this.#parts;
    await watch.listed();
    while (this.#failure === undefined) {
      await verifications.look(watch.verificationPods);
      const views = this.#views();
      const stopped = await isStopped();
      const { installation, clock } = this.#context;
      const now = { installation: installation.suffix, now: clock.now(), isPayloadBack, isStopped: stopped };
      const step = next(views, termsOf(this.#run, watch, now));
      const end = act(step, views, stopped);
      if (end !== undefined) return end;
      await this.#pause(step.nodes.map((one) => one.step));
    }
    await Promise.all(this.#busy.values());
    throw this.#failure.error;
  }

  #views(): readonly NodeView[] {
    return this.#nodes().map((node) => this.#viewOf(node));
  }

  /** Those of the run that still exist. */
  #nodes(): readonly FleetNode[] {
    return this.#run.nodes.flatMap(({ uid }) => this.#parts.watch.nodeOf(uid) ?? []);
  }

  #viewOf(node: FleetNode): NodeView {
    const { watch, verifications } = this.#parts;
    this.#refuseDeposed(node);
    return viewOf(node, watch, {
      suffix: this.#context.installation.suffix,
      written: this.#written,
      verificationOf: (name) => verifications.of(name, watch.verificationPods),
      evictableOf: (name) => this.#evictable.get(name) ?? ['(not listed yet)'],
    });
  }

  /** Another process has claimed the node. */
  #refuseDeposed(node: FleetNode): void {
    const written = this.#written.get(node.name);
    // The watch may deliver a patch before its answer arrives.
    if (written === undefined || this.#busy.has(node.name) || written === claimText(node)) return;
    const claim = readClaim(node);
    throw new KataError(
      'KATA_LIFECYCLE_DEPOSED',
      `this process changes nothing more, because another one has claimed node "${node.name}"${claim === undefined ? '' : ` for run ${claim.run}`}`,
      {
        exitCode: exitCodes.conflict,
        hint: `see what goes on: ${lifecycleCommand(this.#context.installation, 'status')}`,
      },
    );
  }

  #start(name: string, step: NodeStep): void {
    const node = this.#nodes().find((one) => one.name === name);
    if (node === undefined || this.#busy.has(name)) return;
    if (step.kind === 'wait') return this.#tellWait(name, step.what);
    const work = this.#do(node, step).then(
      () => void this.#busy.delete(name),
      (error: unknown) => {
        this.#busy.delete(name);
        this.#failure ??= { error };
      },
    );
    this.#busy.set(name, work);
  }

  async #do(node: FleetNode, step: NodeStep): Promise<void> {
    const { api } = this.#context;
    const { name } = node;
    const { lease, watch, verifications } = this.#parts;
    await lease.check();
    if (watch.nodeOf(node.uid) === undefined) return;
    switch (step.kind) {
      case 'write':
        return await this.#write(node, step);
      case 'delete-installer-pod': {
        const pod = watch.installerPods.find(({ uid }) => uid === step.uid);
        if (pod !== undefined) await deletePod(api, pod);
        return;
      }
      case 'evict':
        return await this.#drain(name);
      case 'create-verification-pod':
        return await verifications.create(name, step.number);
      case 'delete-verification-pod':
        return await verifications.delete(name, watch.verificationPods);
      case 'wait':
      case 'need-payload':
      case 'taken':
      case 'end':
    }
  }

  async #write(node: FleetNode, step: Extract<NodeStep, { kind: 'write' }>): Promise<void> {
    const { watch, keepEvidence } = this.#parts;
    const before = readClaim(node);
    if (before !== undefined && hasPodFailed(before, step.claim)) {
      await keepEvidence(node.name, before.verifications);
    }
    if (step.claim.phase === 'draining') await this.#listEvictable(node.name);
    const { api, installation } = this.#context;
    const after = await writeNode(api, node, step, installation.suffix);
    // The watch will tell so, too.
    if (after === undefined) return await this.#context.clock.sleep(deletionPauseMs);
    const text = formatClaim(step.claim);
    if (claimText(after) === text) this.#written.set(node.name, text);
    watch.updateNode(after);
    if (claimText(after) !== text || before?.phase === step.claim.phase) return;
    const [release, reason] = [releaseOfClaim(step.claim), describeFailures(step.claim)];
    this.#context.emit(node.name)({ kind: 'node.moved', phase: step.claim.phase, release, reason });
  }

  async #drain(name: string): Promise<void> {
    const { api, workflow } = this.#context;
    const blocked = await evictAll(api, await listEvictable(api, name, workflow));
    const left = await this.#listEvictable(name, blocked);
    if (left.length > 0) this.#tellWait(name, `pods are still on the node: ${left.join(', ')}`);
    await this.#context.clock.sleep(evictionPauseMs);
  }

  async #listEvictable(
    name: string,
    blocked: ReadonlyMap<string, string> = new Map(),
  ): Promise<readonly string[]> {
    const { api, workflow } = this.#context;
    const pods = await listEvictable(api, name, workflow);
    const texts = pods.map(({ namespace, name: pod }) => {
      const by = blocked.get(`${namespace}/${pod}`);
      return by === undefined ? `${namespace}/${pod}` : `${namespace}/${pod} (blocked by ${by})`;
    });
    this.#evictable.set(name, texts);
    return texts;
  }

  /** Once for each reason. */
  #tellWait(name: string, what: string): void {
    if (this.#waiting.get(name) === what) return;
    this.#waiting.set(name, what);
    this.#context.emit(name)({ kind: 'node.waiting', what });
  }

  #tellLeftAlone({ leftAlone }: RunStep, views: readonly NodeView[]): void {
    const left = new Set(leftAlone);
    for (const view of views) {
      if (!left.has(view.name) || this.#waiting.has(view.name)) continue;
      const { run } = view.claim ?? {};
      if (run === this.#run.id) continue;
      const reason = whyLeftAlone(view, this.#context.installation.suffix);
      if (reason === undefined) continue;
      this.#waiting.set(view.name, reason);
      this.#context.emit(view.name)({ kind: 'node.left-alone', reason });
    }
  }

  async #pause(steps: readonly NodeStep[]): Promise<void> {
    const { clock } = this.#context;
    const now = +clock.now();
    const waits = steps.flatMap((step) => (step.kind === 'wait' ? +step.until - now : []));
    const pauseMs = Math.max(50, Math.min(longestPauseMs, ...waits));
    const end = new AbortController();
    try {
      await Promise.race([
        this.#parts.watch.changed(),
        ...this.#busy.values(),
        clock.sleep(pauseMs, end.signal).catch(() => undefined),
      ]);
    } finally {
      end.abort();
    }
  }
}
