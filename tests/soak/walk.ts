/** PURE: the steps of a soak, from a seed. The same seed gives the same steps, whatever the time. */
import { randomNumbers } from '../driver/random-numbers.ts';
import {
  after,
  editNames,
  isSame,
  kataPods,
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
} from './model.ts';

export interface Walked {
  readonly step: Step;
  /** Of its node. */
  readonly before: NodeModel;
  readonly after: NodeModel;
}

const mostPods = 3;

/** Endless. */
export function* walk(seed: number, start: readonly NodeModel[]): Generator<Walked, never> {
  const random = new Random(seed);
  const models = new Map(start.map((model) => [model.name, model]));
  for (let number = 1; ; number += 1) {
    const before = random.one([...models.values()]);
    const step = randomStep(random, before, number);
    const next = after(before, step);
    models.set(next.name, next);
    yield { step, before, after: next };
  }
}

/** What brings a node back to where the soak began. */
export function* wayBack(model: NodeModel): Generator<Walked, NodeModel> {
  let before = model;
  const take = (step: Step): Walked => {
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

  /** One of them; an entry of weight 0 is never chosen. */
  weighted<T>(all: readonly (readonly [number, () => T])[]): T {
    const total = all.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#next() * total;
    for (const [weight, make] of all) {
      left -= weight;
      if (left < 0) return make();
    }
    throw new RangeError('no weight is greater than 0');
  }
}

function randomStep(random: Random, model: NodeModel, number: number): Step {
  const { name: node, current, previous, isPending, pods } = model;
  const isThere = current !== undefined;
  const isQuiet = isThere && !isPending;
  return random.weighted<Step>([
    [isThere ? 8 : 16, () => randomInstall(random, model, number)],
    [isQuiet && previous !== 'unknown' ? 4 : 0, () => ({ kind: 'rollback', node })],
    [isThere ? 4 : 1, () => ({ kind: 'remove', node })],
    [
      pods.length < mostPods ? 6 : 0,
      () => ({ kind: 'pod', node, change: startOf(newPod(random, model, number)) }),
    ],
    [pods.length > 0 ? 3 : 0, () => ({ kind: 'pod', node, change: endOf(random.one(pods)) })],
    [6, () => randomEdit(random, model)],
    [3, () => ({ kind: 'restart', node, what: 'engine' })],
    [3, () => ({ kind: 'restart', node, what: 'kubelet' })],
    [1, () => ({ kind: 'restart', node, what: 'node' })],
    [isQuiet ? 2 : 0, () => ({ kind: 'install on a full disk', node, release: otherRelease(random, model) })],
    [isQuiet ? 1 : 0, () => ({ kind: 'remove on a full disk', node })],
    [
      isQuiet ? 3 : 0,
      () => ({ kind: 'file times as of another clock', node, days: random.one([-400, -1, 1, 400]) }),
    ],
  ]);
}

function randomInstall(random: Random, model: NodeModel, number: number): Step {
  const release: Release = { payload: random.one(payloads), settings: random.one(settingsNames) };
  const meanwhile = model.current === undefined || model.isPending ? undefined : random.isTrue(0.3);
  const base = { kind: 'install', node: model.name, release } as const;
  if (meanwhile !== true) return base;
  const change = podDuring(random, model, release, number);
  return change === undefined ? base : { ...base, meanwhile: change };
}

/** A pod that begins must find its handler before as after. */
function podDuring(
  random: Random,
  model: NodeModel,
  release: Release,
  number: number,
): PodChange | undefined {
  const running = kataPods(model);
  if (running.length > 0 && random.isTrue(0.5)) return endOf(random.one(running));
  if (model.pods.length >= mostPods) return undefined;
  const wanted: readonly string[] = settings[release.settings].handlers;
  const pod = newPod(random, model, number);
  return pod.handler === undefined || wanted.includes(pod.handler) ? startOf(pod) : undefined;
}

const startOf = (pod: Pod): PodChange => ({ verb: 'starts', pod });
const endOf = (pod: Pod): PodChange => ({ verb: 'ends', pod });

/** With a handler of the release; an ordinary pod where there is none. */
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

/** Neither what is there nor what can be gone back to without a write to speak of. */
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
