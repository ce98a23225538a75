/** Kills a command before each of its system calls: one node for each call. */
import type { MemoryNode } from './memory-node.ts';
import { randomNumbers } from './random-choice.ts';

export interface KilledNode {
  /** As the killed command left it. */
  readonly node: MemoryNode;
  /** For messages: the call before which it was killed. */
  readonly at: string;
}

/** The process was killed; each further call fails, too. */
class Killed extends Error {}

export interface Sample {
  readonly seed: number;
  /** Number of calls that are chosen at random. */
  readonly count: number;
}

/** `start` is not changed; without a sample, every call. @throws Error when `act` fails without being killed */
export async function* killedBeforeCalls(
  start: MemoryNode,
  act: (node: MemoryNode) => Promise<unknown>,
  sample?: Sample,
): AsyncGenerator<KilledNode> {
  const calls = await countCalls(await copyOf(start), act);
  for (const last of chosen(calls, sample)) {
    const node = await copyOf(start);
    let made = 0;
    let at = '';
    node.onStep = ({ call, path }) => {
      if (made === last) at = `killed before call ${last}, ${call} ${path}`;
      if (made >= last) throw new Killed(at);
      made += 1;
    };
    // A cleanup may fail without an error.
    await act(node).catch(() => undefined);
    node.onStep = undefined;
    yield { node, at };
  }
}

function chosen(calls: number, sample: Sample | undefined): readonly number[] {
  const all = Array.from({ length: calls }, (_, index) => index);
  if (sample === undefined) return all;
  const random = randomNumbers(sample.seed);
  return all
    .map((call) => ({ call, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, sample.count)
    .map(({ call }) => call);
}

/** A copy of the node, with all changes durable. */
async function copyOf(node: MemoryNode): Promise<MemoryNode> {
  const copy = node.afterPowerLoss(() => 1);
  await copy.boot();
  return copy;
}

async function countCalls(node: MemoryNode, act: (node: MemoryNode) => Promise<unknown>): Promise<number> {
  let calls = 0;
  node.onStep = () => {
    calls += 1;
  };
  await act(node);
  return calls;
}
