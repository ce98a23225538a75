/** Kills a command before its system calls: one node for each call. */
import type { MemoryNode } from './memory-node.ts';
import { choose, type Sample } from './random-choice.ts';

export interface KilledNode {
  /** As the killed command left it. */
  readonly node: MemoryNode;
  /** For messages: the call before which it was killed. */
  readonly at: string;
}

/** The process was killed; each further call fails, too. */
export class Killed extends Error {}

/** `start` is not changed; without a sample, every call. @throws Error when `act` fails without being killed */
export async function* killedBeforeCalls(
  start: MemoryNode,
  act: (node: MemoryNode) => Promise<unknown>,
  sample?: Sample,
): AsyncGenerator<KilledNode> {
  const calls = await countCalls(await copyOf(start), act);
  for (const last of choose(calls, sample)) {
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

/** A copy of the node, with all changes durable. */
export async function copyOf(node: MemoryNode): Promise<MemoryNode> {
  const copy = node.afterPowerLoss(() => 1);
  await copy.boot();
  return copy;
}

/** Runs the command on this node. */
export async function countCalls(
  node: MemoryNode,
  act: (node: MemoryNode) => Promise<unknown>,
): Promise<number> {
  let calls = 0;
  node.onStep = () => {
    calls += 1;
  };
  await act(node);
  node.onStep = undefined;
  return calls;
}
