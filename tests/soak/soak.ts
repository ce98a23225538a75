/** Performs random steps on two nodes until the time is over, checks the node after each, then removes everything. */
import { strict as assert } from 'node:assert';
import { type ContainerdName, containerdEngines } from '@kata/lab/engines/catalog.ts';
import { ClusterInstaller, daemonSet } from '../driver/cluster-installer.ts';
import type { LabDriver } from '../driver/lab-driver.ts';
import {
  compareNodes,
  compareTrees,
  findProblems,
  hasUnusedHandlers,
  loadedAfter,
  type Observation,
} from './check.ts';
import type { Drift } from './drift.ts';
import {
  expectedExit,
  isSame,
  nameOf,
  type NodeModel,
  startModel,
  type StepName,
  stepNames,
} from './model.ts';
import { SoakNode } from './soak-node.ts';
import { runtimeClasses, SoakPods } from './soak-pods.ts';
import { describeStep, walk, type WalkStep, cleanupSteps } from './walk.ts';

export interface SoakOptions {
  readonly lab: LabDriver;
  readonly engines: readonly [ContainerdName, ContainerdName];
  readonly minutes: number;
  readonly seed: number;
  /** The command that repeats this run. */
  readonly again: string;
  readonly say: (line: string) => void;
}

export interface SoakCount {
  readonly steps: Readonly<Partial<Record<StepName, number>>>;
  readonly restarts: number;
  readonly drifts: readonly Drift[];
}

/** State that must be restored at the end. */
interface Start {
  readonly tree: readonly string[];
  /** Labels and annotations of the node object. */
  readonly marks: readonly string[];
}

interface Known {
  readonly node: SoakNode;
  readonly start: Start;
  observation: Observation;
  model: NodeModel;
  loaded: readonly string[];
}

export class Soak {
  readonly #options: SoakOptions;
  readonly #pods: SoakPods;
  readonly #known = new Map<string, Known>();
  readonly #done: string[] = [];
  readonly #steps: Partial<Record<StepName, number>> = {};
  #restarts = 0;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#pods = new SoakPods(options.lab);
  }

  async prepare(): Promise<void> {
    const { lab, engines: names } = this.#options;
    await lab.down();
    await lab.up(names.flatMap((engine) => ['--engine', engine]));
    await lab.lab(['publish', '--size', 'small']);
    await ClusterInstaller.applyRbac(lab);
    // It runs no pod, and while it exists the last node does not delete the RBAC objects.
    await lab.apply(...runtimeClasses, daemonSet({ spec: { nodeSelector: { soak: 'nowhere' } } }));
    for (const [i, engine] of names.entries()) {
      const node = new SoakNode(lab, `n${i + 1}`, engine, this.#pods);
      await node.prepare();
      const observation = await node.observe();
      const model = startModel(node.name, containerdEngines[engine]);
      const start = { tree: observation.tree, marks: await node.marks() };
      this.#known.set(node.name, { node, start, observation, model, loaded: [] });
    }
  }

  /** Throws with the seed and the steps so far when something is wrong. */
  async run(): Promise<SoakCount> {
    const { seed, minutes } = this.#options;
    const endsAt = performance.now() + minutes * 60_000;
    const models = [...this.#known.values()].map(({ model }) => model);
    for (const walked of walk(seed, models)) {
      await this.#take(walked);
      if (performance.now() >= endsAt) break;
    }
    for (const known of this.#known.values()) await this.#cleanUp(known);
    const drifts = [...this.#known.values()].flatMap(({ node }) => node.drifts);
    return { steps: this.#steps, restarts: this.#restarts, drifts };
  }

  async #cleanUp(known: Known): Promise<void> {
    for (const walked of cleanupSteps(known.model)) await this.#take(walked);
    const left = [
      ...compareNodes(known.observation.tree, known.start.tree, known.model),
      ...compareTrees(await known.node.marks(), known.start.marks),
    ];
    if (left.length > 0)
      this.#fail(`${known.node.name} differs from its state before the soak:\n${left.join('\n')}`);
  }

  async #take(walked: WalkStep): Promise<void> {
    const { step, after: model } = walked;
    const known = this.#known.get(step.node);
    assert.ok(known, step.node);
    const line = describeStep(step);
    this.#done.push(line);
    const name = nameOf(step);
    this.#steps[name] = (this.#steps[name] ?? 0) + 1;
    const startedAt = performance.now();
    const wrong = await this.#try(walked, known).catch((error: unknown) => [String(error)]);
    if (wrong.length > 0) {
      const logs = await known.node.logs().catch((error: unknown) => String(error));
      this.#fail(`${wrong.join('\n')}\n\nLogs of ${step.node}:\n${logs}`);
    }
    known.model = model;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    this.#options.say(`${this.#done.length} (${seconds} s) ${line}`);
  }

  /** Performs the step; returns what is wrong after it. */
  async #try({ step, before, after: model }: WalkStep, known: Known): Promise<readonly string[]> {
    const result = await known.node.perform(step, before);
    const expected = expectedExit(before, step);
    if (result?.exitCode !== expected) {
      return [`exit code ${result?.exitCode}, expected ${expected}:\n${result?.stdout}\n${result?.stderr}`];
    }
    const lost = await this.#pods.findLost(step.node);
    const isAlone = step.kind === 'install' && step.meanwhile === undefined;
    const { treeWithoutUs, plan, ...now } = await known.node.observe(isAlone ? step.release : undefined);
    const hasStarted = now.invocation !== known.observation.invocation;
    if (hasStarted) this.#restarts += 1;
    known.loaded = loadedAfter(known.loaded, model, hasStarted);
    const inspection = { now, model, loaded: known.loaded, treeWithoutUs };
    const wrong = [
      ...lost,
      ...findProblems(inspection),
      ...needlessRestart({ step, before, after: model }, known.observation, hasStarted),
      ...(isAlone && plan !== 'Nothing to do.' ? [`a second plan is not empty:\n${plan}`] : []),
    ];
    known.observation = now;
    return wrong.length === 0
      ? []
      : [...wrong, `Output of the program:\n${result?.stdout}\n${result?.stderr}`];
  }

  #fail(problem: string): never {
    const { seed, again, engines: names } = this.#options;
    const steps = this.#done.map((line, i) => `  ${i + 1} ${line}`).join('\n');
    throw new Error(
      `soak, seed ${seed}, on ${names.join(' and ')}, after step ${this.#done.length}: ${problem}\n\n` +
        `Steps:\n${steps}\n\nTo repeat: ${again}`,
    );
  }
}

/** A repeated installation is no reason to restart. */
function needlessRestart(
  { step, before, after: model }: WalkStep,
  observation: Observation,
  hasStarted: boolean,
): readonly string[] {
  const isInstall = step.kind === 'install' || step.kind === 'file times as of another clock';
  if (!isInstall || !hasStarted || before.isPending || before.current === undefined) return [];
  if (model.current === undefined || !isSame(before.current, model.current)) return [];
  return hasUnusedHandlers(before, observation.served)
    ? []
    : ['the engine was restarted, although it had loaded everything'];
}

export function describeCount({ steps, restarts, drifts }: SoakCount): string {
  const total = Object.values(steps).reduce((sum, count) => sum + count, 0);
  const kinds = stepNames.filter((name) => steps[name] !== undefined).map((name) => `${name} ${steps[name]}`);
  const absent = absentSteps(steps);
  return [
    `${total} steps, 0 wrong (${kinds.join(', ')})`,
    `the engines started ${restarts} times`,
    ...(drifts.length > 0 ? [describeDrifts(drifts)] : []),
    ...(absent.length > 0 ? [`not run: ${absent.join(', ')}`] : []),
  ].join('; ');
}

export function absentSteps(steps: SoakCount['steps']): readonly StepName[] {
  return stepNames.filter((name) => steps[name] === undefined);
}

function describeDrifts(drifts: readonly Drift[]): string {
  const most = (times: readonly number[]): string => `${(Math.max(...times) / 1000).toFixed(1)} s`;
  const noticed = most(drifts.map(({ noticedMs }) => noticedMs));
  return `drift was reported within ${noticed} and repaired within ${most(drifts.map(({ repairedMs }) => repairedMs))}`;
}
