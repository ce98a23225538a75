/** The stages of a run, one after the other, for the CLI and for the steps of a workflow. Each can be repeated. */
import { type ExitCode, exitCodes } from '@kata/core';
import { type FleetNode, listFleetNodes } from '@kata/kube/fleet';
import { isVerified, readClaim, type RunMove } from '@kata/rollout';
import { awaitObserved } from './await-observed.ts';
import { checkRoom } from './check-room.ts';
import { checkVerification } from './check-verification.ts';
import type { FleetContext } from './context.ts';
import { describePod } from './evidence.ts';
import { FleetWatch } from './fleet-watch.ts';
import { guardWrites } from './guard-writes.ts';
import type { KeptLease } from './keep-lease.ts';
import { accept, manage } from './manage.ts';
import { NodeDriver } from './node-driver.ts';
import { plainViewOf } from './node-views.ts';
import { openVerifications } from './open-verifications.ts';
import { prepare } from './prepare.ts';
import { prepareJoined } from './prepare-joined.ts';
import { addEvidence, addNodes, isPast, moveRun, type RunRecord, type Stage } from './run-record.ts';
import { watchStopRequest } from './stop-request.ts';

export type Outcome = Extract<RunMove, { kind: 'end' }>['outcome'];

export function exitOf(outcome: Outcome): ExitCode {
  if (outcome === 'succeeded') return exitCodes.ok;
  return outcome === 'stopped' ? exitCodes.partial : exitCodes.verification;
}

/** The Helm release of the installation. Each can be called again. */
export interface ReleaseControl {
  /** To the chart and the values of the plan. */
  readonly upgrade: () => Promise<void>;
  /** To the revision at the start of the run. */
  readonly restore: () => Promise<void>;
}

export class RunStages {
  readonly #context: FleetContext;
  #record: RunRecord;
  readonly #lease: Pick<KeptLease, 'check'>;

  constructor(context: FleetContext, record: RunRecord, lease: Pick<KeptLease, 'check'>) {
    this.#context = guardWrites(context, lease);
    this.#record = record;
    this.#lease = lease;
  }

  /** Every node is approved what it has, so that another payload is held. */
  async manage(): Promise<void> {
    if (this.#isPast('managed')) return;
    await this.#lease.check();
    await manage(this.#context, await listFleetNodes(this.#context.api));
    await this.#moveTo('managed');
  }

  /** First the management; then Helm's new payload is held everywhere. */
  async upgrade({ upgrade }: ReleaseControl): Promise<void> {
    await this.manage();
    if (this.#isPast('upgraded')) return;
    await this.#lease.check();
    await upgrade();
    await this.#moveTo('upgraded');
  }

  /** Nothing is cordoned yet, so a failure leaves every node as it was. */
  async prepare(watch: FleetWatch): Promise<void> {
    if (this.#isPast('prepared')) return;
    await this.#prepareNodes(this.#record.plan.nodes, watch);
    await this.#moveTo('prepared');
  }

  /**
   * When all nodes of the run are right: those that have joined since its plan become nodes of the run, too. Others that come
   * later install what is accepted now. Returns their names.
   */
  async join(watch: FleetWatch): Promise<readonly string[]> {
    const { plan } = this.#record;
    await this.#lease.check();
    await accept(this.#context, acceptedBy(watch, plan.id));
    const joined = await prepareJoined(
      this.#context,
      plan,
      watch,
      async (node) => await this.#prepareNodes([node], watch),
    );
    if (joined.length > 0) this.#record = await addNodes(this.#context, plan.id, joined);
    return joined.map(({ name }) => name);
  }

  async #prepareNodes(nodes: readonly Pick<FleetNode, 'uid'>[], watch: FleetWatch): Promise<void> {
    const { id, policy, verification } = this.#record.plan;
    await prepare(this.#context, { nodes, timeoutMs: policy.installMs, watch, lease: this.#lease });
    const present = nodes.flatMap(({ uid }) => watch.nodeOf(uid) ?? []);
    const check = { id, verification, nodes: present, isBeforeHelm: false };
    const { needs } = await checkVerification(this.#context, check);
    const { suffix } = this.#context.installation;
    const changed = present.filter((node) => !isVerified(plainViewOf(node, watch, suffix)));
    await checkRoom(this.#context, { nodes: changed, needs, isDrained: policy.drain !== null });
  }

  async restore({ restore }: ReleaseControl): Promise<void> {
    if (this.#record.plan.intent === 'roll-back' || this.#isPast('restored')) return;
    await this.#lease.check();
    await restore();
    await awaitObserved(this.#context);
    await this.#moveTo('restored');
  }

  /** No node was changed: the release returns, and the run has failed. In one write, so that no process goes on from between. */
  async giveUp({ restore }: ReleaseControl): Promise<void> {
    await this.#lease.check();
    await restore();
    await moveRun(this.#context, this.#record.plan.id, 'ended', 'failed');
  }

  /** Records the end; releases that were verified are accepted for new nodes. */
  async end(outcome: Outcome, watch: FleetWatch): Promise<void> {
    await this.#lease.check();
    if (outcome === 'succeeded') await accept(this.#context, acceptedBy(watch, this.#record.plan.id));
    await moveRun(this.#context, this.#record.plan.id, 'ended', outcome);
  }

  openWatch(): FleetWatch {
    const { id, podLabels, verification } = this.#record.plan;
    const { namespace } = verification;
    return new FleetWatch(this.#context, { podLabels, verification: { namespace, run: id } });
  }

  openDriver(watch: FleetWatch): NodeDriver {
    const { plan } = this.#record;
    const verifications = openVerifications(this.#context, plan, watch);
    return new NodeDriver(this.#context, plan, {
      watch,
      lease: this.#lease,
      verifications,
      isStopped: watchStopRequest(this.#context, plan.id),
      keepEvidence: async (node, number) => {
        const pod = verifications.podOf(node, watch.verificationPods);
        if (pod === undefined) return;
        const text = await describePod(this.#context, pod);
        await addEvidence(this.#context, plan.id, { node, number, text });
        this.#context.emit(node)({ kind: 'node.evidence', text });
      },
    });
  }

  /** The installer's pods carry the earlier payload. A user's rollback leaves the Helm release as it is. */
  get isPayloadBack(): boolean {
    return this.#record.plan.intent === 'roll-back' || this.#isPast('restored');
  }

  #isPast(stage: Stage): boolean {
    return isPast(this.#record, stage);
  }

  async #moveTo(stage: Stage): Promise<void> {
    await moveRun(this.#context, this.#record.plan.id, stage);
  }
}

/** Releases that the user's pod passed on. */
function acceptedBy(watch: FleetWatch, run: string): readonly string[] {
  return watch.nodes.flatMap((node) => {
    const claim = readClaim(node);
    return claim?.run === run && claim.phase === 'completed' ? (claim.target ?? []) : [];
  });
}
