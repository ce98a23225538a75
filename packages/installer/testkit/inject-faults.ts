/** Makes system calls of a command fail, once or permanently, or kills it there; then runs the command again. */
import { describeError, KataError } from '@kata/core';
import { systemError } from '@kata/host';
import { copyOf, countCalls, Killed } from './killed-nodes.ts';
import type { MemoryNode } from './memory-node.ts';
import { choose, type Sample } from './random-choice.ts';
import { prepared, type Scenario, servedStates } from './scenarios.ts';
import { differenceOf, type InjectionResult, type Tree } from './injection-result.ts';

const faults = [
  { name: 'EIO', lasts: false },
  { name: 'ENOSPC', lasts: false },
  { name: 'EROFS', lasts: true },
  { name: 'SIGKILL', lasts: true },
] as const;

type Fault = (typeof faults)[number];

interface Expected {
  readonly scenario: Scenario;
  readonly tree: Tree;
  readonly served: readonly string[];
  /** States after failures from which the command was already run again. */
  readonly recovered: Set<string>;
}

/** Without a sample, at every call. */
export async function injectFaults(scenario: Scenario, sample?: Sample): Promise<InjectionResult> {
  const start = await prepared(scenario);
  const whole = await copyOf(start);
  const calls = await countCalls(whole, scenario.act);
  const served = servedStates(scenario, start.served(), whole.served());
  const expected: Expected = { scenario, tree: whole.tree(), served, recovered: new Set() };
  const failures: string[] = [];
  let cases = 0;
  for (const step of choose(calls, sample)) {
    for (const fault of faults) {
      const problem = await failAt(await copyOf(start), step, fault, expected).catch(describeError);
      if (problem !== undefined) failures.push(`${scenario.name}, ${fault.name} at step ${step}: ${problem}`);
      cases += 1;
    }
  }
  return { cases, disks: expected.recovered.size, failures };
}

/** Undefined when the result is correct. */
async function failAt(
  node: MemoryNode,
  at: number,
  fault: Fault,
  { scenario, tree, served, recovered }: Expected,
): Promise<string | undefined> {
  let step = 0;
  let place = '';
  node.onStep = ({ call, path }) => {
    step += 1;
    if (step <= at || (step > at + 1 && !fault.lasts)) return;
    place = place === '' ? `${call} ${path}: ` : place;
    throw fault.name === 'SIGKILL' ? new Killed() : systemError(fault.name, call, path);
  };
  const error = await scenario.act(node).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  node.onStep = undefined;
  // A cleanup may fail without an error; a killed process reports none.
  const isExpected = error === undefined || fault.name === 'SIGKILL' || error instanceof KataError;
  if (!isExpected) return `${place}ended with ${describeError(error)}`;
  await node.checkEngine();
  if (!served.includes(node.served())) return `${place}the engine serves ${node.served()}`;
  const left = JSON.stringify([node.tree(), node.served()]);
  if (recovered.has(left)) return undefined;
  recovered.add(left);
  await scenario.act(node);
  if (node.served() !== served.at(-1)) return `${place}the engine serves ${node.served()} at the end`;
  const difference = differenceOf(node.tree(), tree);
  return difference === undefined ? undefined : `${place}${difference}`;
}
