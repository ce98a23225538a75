/** A node with its installer and verification pod, as a model: it does what steps and time make it do. */
import { decideAtGate, type NodeStatus, versionOf } from '@kata/node';
import type { Claim, Taint } from '../claim.ts';
import type { NodeStep } from '../node-step.ts';
import type { NodeView } from '../node-view.ts';
import type { Verdict } from '../verdict.ts';

export interface Behaviour {
  /** Releases that the installer cannot install from its payload. */
  readonly uninstallable: readonly string[];
  /** Releases in the store that are damaged. */
  readonly damaged: readonly string[];
  /** Releases on which the user's pod fails. */
  readonly failing: readonly string[];
  /** Never evicted. */
  readonly stuckPods: readonly string[];
  readonly taints: readonly Taint[];
  readonly isCordoned: boolean;
  /** It has no release and no approval, such as a node that an autoscaler added. */
  readonly isNew: boolean;
  /** Its kubelet starts no pod any more. */
  readonly isDead: boolean;
  /** Its kubelet dies when the user's pod is created: pods that are deleted then stay, terminating. */
  readonly diesVerifying: boolean;
}

export const sound: Behaviour = {
  uninstallable: [],
  damaged: [],
  failing: [],
  stuckPods: [],
  taints: [],
  isCordoned: false,
  isNew: false,
  isDead: false,
  diesVerifying: false,
};

export class SimulatedNode {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Every approval that was written. */
  readonly approvals: string[] = [];
  claim: Claim | undefined;
  isCordoned: boolean;
  taints: readonly Taint[];
  approved: string | undefined;
  store: readonly string[];
  current: string | undefined;
  previous: string | undefined;
  status: NodeStatus | undefined;
  pod: { readonly uid: string; hasActed: boolean; readonly payload: string } | undefined;
  verification: { readonly number: number; verdict: Verdict; beingDeleted: boolean } | undefined;
  currentVersion: string | undefined;
  #isDead: boolean;
  #pods = 0;
  #payload: string;
  #attempt = 0;

  constructor(name: string, current: string, behaviour: Behaviour) {
    this.name = name;
    this.behaviour = behaviour;
    this.#isDead = behaviour.isDead;
    const own = behaviour.isNew ? undefined : current;
    this.current = own;
    this.store = own === undefined ? [] : [own];
    this.approved = own;
    this.isCordoned = behaviour.isCordoned;
    this.taints = behaviour.taints;
    this.#payload = current;
    this.pod = { uid: `${name}-0`, hasActed: true, payload: current };
    this.#install(this.pod);
  }

  /** The DaemonSet gets another payload; its pods are replaced when they are deleted (OnDelete). */
  setPayload(release: string): void {
    this.#payload = release;
  }

  view(isOurs: boolean, now: Date): NodeView {
    this.#timeOut(now);
    return {
      name: this.name,
      isCordoned: this.isCordoned,
      taints: this.taints,
      claim: this.claim,
      isOurs,
      approved: this.approved,
      status: this.status,
      installerPod: this.pod && {
        uid: this.pod.uid,
        beingDeleted: false,
        isCurrent: this.pod.payload === this.#payload,
      },
      verification: this.verification,
      evictable: this.behaviour.stuckPods,
    };
  }

  do(step: NodeStep, now: Date): void {
    switch (step.kind) {
      case 'write':
        this.claim = step.claim;
        this.isCordoned = step.isCordoned ?? this.isCordoned;
        this.taints = step.taints ?? this.taints;
        this.currentVersion = step.currentVersion ?? this.currentVersion;
        if (step.approved !== undefined) this.approvals.push(step.approved);
        this.approved = step.approved ?? this.approved;
        return;
      case 'delete-installer-pod':
        if (this.pod?.uid === step.uid) this.pod = undefined;
        return;
      case 'create-verification-pod': {
        const verdict: Verdict = { kind: 'pending', message: 'it runs', until: new Date(+now + 180_000) };
        if (this.verification?.number !== step.number) {
          this.verification = { number: step.number, verdict, beingDeleted: false };
        }
        this.#isDead ||= this.behaviour.diesVerifying;
        return;
      }
      case 'delete-verification-pod':
        if (!this.#isDead) this.verification = undefined;
        else if (this.verification !== undefined) this.verification.beingDeleted = true;
        return;
      case 'evict':
      case 'wait':
      case 'need-payload':
      case 'taken':
      case 'end':
    }
  }

  #timeOut(now: Date): void {
    if (this.verification?.verdict.kind !== 'pending' || now < this.verification.verdict.until) return;
    const message = 'the pod has not ended';
    this.verification.verdict = { kind: 'failed', word: 'timed-out', message, mayRetry: false };
  }

  /** One thing that the cluster does by itself. */
  proceed(tolerates: (taint: Taint) => boolean): void {
    if (this.#isDead) return;
    if (this.pod === undefined) {
      if (!this.taints.every(tolerates)) return;
      this.#pods += 1;
      this.pod = { uid: `${this.name}-${this.#pods}`, hasActed: false, payload: this.#payload };
    } else if (!this.pod.hasActed || this.status?.phase === 'failed') {
      this.pod.hasActed = true;
      this.#install(this.pod);
    } else if (this.verification?.verdict.kind === 'pending') {
      const isFailing = this.current === undefined || this.behaviour.failing.includes(this.current);
      const failed: Verdict = {
        kind: 'failed',
        word: 'exit-1',
        message: 'the pod exits with 1',
        mayRetry: false,
      };
      this.verification.verdict = isFailing ? failed : { kind: 'passed', message: 'it passed' };
    }
  }

  #install({ uid, payload }: { readonly uid: string; readonly payload: string }): void {
    const decision = decideAtGate({
      isManaged: true,
      approved: this.approved,
      accepted: [],
      payload: { version: versionOf(payload), release: payload },
      releases: this.store,
      current: this.current,
      previous: this.previous,
      linked: this.current,
      isInterrupted: false,
      hold: undefined,
    });
    const report = { podUid: uid, offered: payload, ...(this.approved && { approved: this.approved }) };
    if (decision.kind === 'hold') return this.#report('held', decision.reason, report);
    const release = decision.kind === 'install' ? payload : decision.release;
    const { uninstallable, damaged } = this.behaviour;
    const isImpossible =
      decision.kind === 'install' ? uninstallable.includes(release) : damaged.includes(release);
    if (isImpossible) return this.#report('failed', 'InstallFailed', { ...report, code: 'KATA_X' });
    if (release !== this.current) this.previous = this.current;
    this.current = release;
    this.store = [...new Set([...this.store, release])];
    this.#report('installed', 'Installed', report);
  }

  #report(phase: string, reason: string, details: Partial<NodeStatus>): void {
    this.#attempt += 1;
    this.status = {
      phase,
      reason,
      version: this.current === undefined ? '' : versionOf(this.current),
      release: this.current ?? '',
      time: '2026-01-01T00:00:00.000Z',
      ...(this.current === undefined ? {} : { current: this.current }),
      attempt: this.#attempt,
      ...(this.previous === undefined ? {} : { previous: this.previous }),
      ...details,
    };
  }
}
