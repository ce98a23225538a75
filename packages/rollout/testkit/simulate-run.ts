/** Drives `next` over simulated nodes, with interruptions, until the run ends. */
import { versionOf } from '@kata/node';
import type { Taint } from '../claim.ts';
import { next, type RunMove, type RunStep } from '../next.ts';
import { hasEnded } from '../phase.ts';
import { defaultPolicy, type Policy } from '../policy.ts';
import type { SimulatedNode } from './simulated-node.ts';

export interface Simulation {
  readonly run: string;
  readonly intent?: 'roll-back';
  readonly nodes: readonly SimulatedNode[];
  readonly policy: Partial<Policy>;
  readonly before: string;
  readonly target: string;
  /** Random numbers from 0 to 1. */
  readonly choose: () => number;
  /** How often the process is killed and started again, 0 to 1 per step. */
  readonly kills: number;
  readonly isStopped?: () => boolean;
  /** Called before each step: a run may be killed for good there. */
  readonly look?: () => void;
}

export interface SimulationEnd {
  readonly outcome: Extract<RunMove, { kind: 'end' }>['outcome'];
  /** The largest number of nodes that were being changed at the same time. */
  readonly mostActive: number;
  readonly helmRollbacks: number;
}

const mostSteps = 20_000;

function tolerates(taint: Taint): boolean {
  return !taint.key.startsWith('foreign');
}

/** The installer's pods of all nodes get the new payload, and offer it where they can run. */
export function prepare({ nodes, target }: Pick<Simulation, 'nodes' | 'target'>): void {
  for (const node of nodes) {
    for (let round = 0; round < 3; round += 1) node.proceed(tolerates);
    node.setPayload(target);
    if (node.taints.every(tolerates) && !node.behaviour.isDead) node.pod = undefined;
    for (let round = 0; round < 3; round += 1) node.proceed(tolerates);
  }
}

export function simulateRun(simulation: Simulation): SimulationEnd {
  const {
    nodes,
    run,
    intent = 'upgrade',
    policy,
    choose,
    kills,
    before,
    isStopped = () => false,
    look = () => undefined,
  } = simulation;
  let ours = new Set<string>();
  let nowMs = Date.parse('2026-01-01');
  let helmRollbacks = 0;
  let mostActive = 0;
  for (let step = 0; step < mostSteps; step += 1) {
    look();
    if (choose() < kills) ours = new Set();
    const now = new Date((nowMs += 1000));
    const found = next(
      nodes.map((node) => node.view(ours.has(node.name), now)),
      {
        run,
        intent,
        installation: '',
        policy: { ...defaultPolicy, ...policy },
        now,
        tolerates,
        isPayloadBack: helmRollbacks > 0,
        versionBefore: intent === 'upgrade' ? versionOf(before) : null,
        isStopped: isStopped(),
      },
    );
    mostActive = Math.max(mostActive, nodes.filter(isActive(run)).length);
    if (found.run.kind === 'end') return { outcome: found.run.outcome, mostActive, helmRollbacks };
    if (found.run.kind === 'roll-back-helm') {
      helmRollbacks += 1;
      for (const node of nodes) node.setPayload(before);
    }
    const waits = doSome(found, { nodes, choose, ours, now });
    for (const node of nodes) if (choose() < 0.5) node.proceed(tolerates);
    if (waits !== undefined && choose() < 0.2) nowMs = Math.max(nowMs, waits);
  }
  throw new Error(`not ended after ${mostSteps} steps`);
}

/** Returns the first deadline when there is nothing but to wait. */
function doSome(
  { nodes: steps }: RunStep,
  { nodes, choose, ours, now }: Pick<Simulation, 'nodes' | 'choose'> & { ours: Set<string>; now: Date },
): number | undefined {
  const deadlines: number[] = [];
  for (const { node: name, step } of steps) {
    if (step.kind === 'wait') deadlines.push(+step.until);
    if (step.kind === 'evict') deadlines.push(+now + 1_000_000);
    const node = nodes.find((one) => one.name === name);
    if (node === undefined || choose() < 0.3) continue;
    node.do(step, now);
    if (step.kind === 'write') ours.add(name);
  }
  return deadlines.length < steps.length || deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

function isActive(run: string): (node: SimulatedNode) => boolean {
  return ({ claim }) => claim?.run === run && !hasEnded(claim.phase);
}
