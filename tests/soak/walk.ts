/** PURE: the random steps of a soak. The same seed always gives the same steps. */
import { randomNumbers } from '../driver/random-numbers.ts';
import {
  after,
  editNames,
  isSame,
  kataPods,
  lossNames,
  nameOf,
  type NodeModel,
  type Payload,
  payloads,
  type Pod,
  type PodChange,
  podHandlers,
  type Release,
  settings,
  settingsNames,
  type Step,
  type StepName,
} from './model.ts';

export interface WalkStep {
  readonly step: Step;
  /** Of its node. */
  readonly before: NodeModel;
  readonly after: NodeModel;
}

const mostPods = 3;

/** Endless. */
export function* walk(seed: number, start: readonly NodeModel[]): Generator<WalkStep, never> {
  const random = new Random(seed);
  const models = new Map(start.map((model) => [model.name, model]));
  const done = new Set<StepName>();
  for (let number = 1; ; number += 1) {
    const before = random.one([...models.values()]);
    const step = chooseStep(random, before, { number, done });
    const next = after(before, step);
    models.set(next.name, next);
    done.add(nameOf(step));
    yield { step, before, after: next };
  }
}

/** The steps that return a node to its first state. */
export function* cleanupSteps(model: NodeModel): Generator<WalkStep, NodeModel> {
  let before = model;
  const take = (step: Step): WalkStep => {
    const walked = { step, before, after: after(before, step) };
    before = walked.after;
    return walked;
  };
  const { name: node } = model;
  for (const pod of model.pods) yield take({ kind: 'pod', node, change: { verb: 'ends', pod } });
  yield take({ kind: 'remove', node });
  for (const edit of model.edits)
    yield take({ kind: 'edit', node, edit, isThere: false, thenRestart: false });
  yield take({ kind: 'restart', node, what: 'engine' });
  return before;
}

class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  one<T>(all: readonly T[]): T {
    const found = all[Math.floor(this.#next() * all.length)];
    if (found === undefined) throw new RangeError('nothing to choose from');
    return found;
  }

  isTrue(chance: number): boolean {
    return this.#next() < chance;
  }

  /** One of them. */
  weighted<T>(all: readonly (readonly [number, T])[]): T {
    const total = all.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#next() * total;
    for (const [weight, item] of all) {
      left -= weight;
      if (left < 0) return item;
    }
    throw new RangeError('no weight is greater than 0');
  }
}

/** Prefers kinds that have not occurred yet, so that a short soak has all. */
function chooseStep(
  random: Random,
  model: NodeModel,
  { number, done }: { readonly number: number; readonly done: ReadonlySet<StepName> },
): Step {
  const possible = possibleSteps(random, model, number);
  const fresh = possible.filter(([, step]) => !done.has(nameOf(step)));
  return random.weighted(fresh.length > 0 && random.isTrue(0.6) ? fresh : possible);
}

/** Possible steps with their relative weights. */
function possibleSteps(
  random: Random,
  model: NodeModel,
  number: number,
): readonly (readonly [number, Step])[] {
  const { name: node, current, pods } = model;
  const isThere = current !== undefined;
  const restart = (what: 'engine' | 'kubelet' | 'node'): Step => ({ kind: 'restart', node, what });
  const steps: (readonly [number, Step])[] = [
    [isThere && !model.isPending ? 6 : 16, randomInstall(random, model)],
    [isThere ? 4 : 1, { kind: 'remove', node }],
    [6, randomEdit(random, model)],
    [3, restart('engine')],
    [3, restart('kubelet')],
    [1, restart('node')],
  ];
  if (pods.length < mostPods)
    steps.push([6, { kind: 'pod', node, change: startOf(newPod(random, model, number)) }]);
  if (pods.length > 0) steps.push([3, { kind: 'pod', node, change: endOf(random.one(pods)) }]);
  if (isThere && !model.isPending) steps.push(...stepsWhereItServes(random, model, number));
  return steps;
}

function stepsWhereItServes(
  random: Random,
  model: NodeModel,
  number: number,
): readonly (readonly [number, Step])[] {
  const { name: node, previous } = model;
  const losses = lossNames.filter((loss) => loss !== 'drop-in' || model.hasDropIn);
  const steps: (readonly [number, Step])[] = [
    [2, { kind: 'install on a full disk', node, release: otherRelease(random, model) }],
    [1, { kind: 'remove on a full disk', node }],
    [3, { kind: 'file times as of another clock', node, days: random.one([-400, -1, 1, 400]) }],
    [3, { kind: 'drift', node, loss: random.one(losses) }],
  ];
  if (previous !== 'unknown') steps.push([4, { kind: 'rollback', node }]);
  const install = randomInstall(random, model);
  for (const meanwhile of podChangesDuring(random, model, install.release, number))
    steps.push([2, { ...install, meanwhile }]);
  return steps;
}

function randomInstall(random: Random, model: NodeModel): Extract<Step, { kind: 'install' }> {
  const release: Release = { payload: random.one(payloads), settings: random.one(settingsNames) };
  return { kind: 'install', node: model.name, release };
}

/** A pod that starts needs a handler that is served before and after the step. */
function podChangesDuring(
  random: Random,
  model: NodeModel,
  release: Release,
  number: number,
): readonly PodChange[] {
  const running = kataPods(model);
  const wanted: readonly string[] = settings[release.settings].handlers;
  const pod = newPod(random, model, number);
  const finds = pod.handler === undefined || wanted.includes(pod.handler);
  return [
    ...(running.length > 0 ? [endOf(random.one(running))] : []),
    ...(model.pods.length < mostPods && finds ? [startOf(pod)] : []),
  ];
}

const startOf = (pod: Pod): PodChange => ({ verb: 'starts', pod });
const endOf = (pod: Pod): PodChange => ({ verb: 'ends', pod });

/** With a handler that is served; an ordinary pod when there is none. */
function newPod(random: Random, model: NodeModel, number: number): Pod {
  const wanted: readonly string[] =
    model.current === undefined || model.isPending ? [] : settings[model.current.settings].handlers;
  const possible = podHandlers.filter((handler) => wanted.includes(handler));
  const handler = possible.length > 0 && random.isTrue(0.75) ? random.one(possible) : undefined;
  return { name: `${handler ?? 'ordinary'}-${number}`, handler };
}

function randomEdit(random: Random, model: NodeModel): Step {
  const edit = random.one(editNames.filter((name) => name !== 'drop-in' || model.importsConfD));
  const isThere = !model.edits.includes(edit);
  return { kind: 'edit', node: model.name, edit, isThere, thenRestart: random.isTrue(0.4) };
}

/** Not the current release, whose installation would write almost nothing. */
function otherRelease(random: Random, { current }: NodeModel): Release {
  const all = payloads.flatMap((payload: Payload) =>
    settingsNames.map((name): Release => ({ payload, settings: name })),
  );
  return random.one(all.filter((release) => current === undefined || !isSame(release, current)));
}

/** One line for a report. */
export function describeStep(step: Step): string {
  const { node, kind, ...rest } = step;
  const more = Object.values(rest).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  );
  return [`${node}:`, kind, ...more].join(' ');
}
