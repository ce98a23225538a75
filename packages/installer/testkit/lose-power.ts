/** Simulates a power loss before system calls of a command, with different parts lost, and runs the command again. */
import { copyOf, countCalls } from './killed-nodes.ts';
import type { MemoryNode } from './memory-node.ts';
import { choiceOf, choose, randomNumbers, type Sample } from './random-choice.ts';
import { prepared, type Scenario, servedStates } from './scenarios.ts';
import { differenceOf, type InjectionResult, unite } from './injection-result.ts';

export interface PowerLossOptions {
  /** Seeds per call. */
  readonly seeds: number;
  /** Of the calls; left out: every call. The power is also lost at the end of the command. */
  readonly sample?: Sample;
  /** 10: in every tenth recovery the power is lost again, several times. */
  readonly again: number;
}

interface Case {
  readonly name: string;
  readonly node: MemoryNode;
}

interface Expected {
  readonly scenario: Scenario;
  readonly tree: Readonly<Record<string, string>>;
  readonly served: readonly string[];
}

export async function losePower(
  scenario: Scenario,
  { seeds, sample, again }: PowerLossOptions,
): Promise<InjectionResult> {
  const node = await prepared(scenario);
  const chosen = new Set(choose(await countCalls(await copyOf(node), scenario.act), sample));
  const before = node.served();
  const collected = new Collected();
  let step = 0;
  node.onStep = ({ call, path }) => {
    if (chosen.has(step)) collected.add(node, `${scenario.name}, step ${step} (${call} ${path})`, seeds);
    step += 1;
  };
  await scenario.act(node);
  node.onStep = undefined;
  collected.add(node, `${scenario.name}, the end`, seeds);
  const expected: Expected = {
    scenario,
    tree: node.tree(),
    served: servedStates(scenario, before, node.served()),
  };
  return await tryAll(collected, expected, again);
}

/** Machines after a power loss, one for each disk. */
class Collected {
  readonly byDisk = new Map<string, Case>();
  cases = 0;

  add(node: MemoryNode, name: string, seeds: number): void {
    for (let seed = 0; seed < seeds; seed += 1) {
      const after = node.afterPowerLoss(choiceOf(seed));
      const disk = JSON.stringify(after.tree());
      if (!this.byDisk.has(disk)) this.byDisk.set(disk, { name: `${name}, seed ${seed}`, node: after });
      this.cases += 1;
    }
  }
}

async function tryAll(
  collected: Collected,
  expected: Expected,
  everyAgain?: number,
): Promise<InjectionResult> {
  const again = new Collected();
  const failures: string[] = [];
  for (const [index, { name, node }] of [...collected.byDisk.values()].entries()) {
    if (everyAgain !== undefined && index % everyAgain === 0) loseOnceMore(node, name, again);
    const problem = await recover(node, expected).catch(String);
    if (problem !== undefined) failures.push(`${name}: ${problem}`);
  }
  const first = { cases: collected.cases, disks: collected.byDisk.size, failures };
  return again.cases === 0 ? first : unite([first, await tryAll(again, expected)]);
}

/** A second power loss, while the command runs again. */
function loseOnceMore(node: MemoryNode, name: string, again: Collected): void {
  const random = randomNumbers(again.cases);
  let step = 0;
  let next = Math.floor(random() * 100);
  node.onStep = ({ call, path }) => {
    if (step === next) {
      again.add(node, `${name}, then step ${step} (${call} ${path})`, 3);
      next += 1 + Math.floor(random() * 200);
    }
    step += 1;
  };
}

/** Undefined when the result is correct. */
async function recover(node: MemoryNode, { scenario, tree, served }: Expected): Promise<string | undefined> {
  await node.boot();
  if (!served.includes(node.served())) return `the engine starts with ${node.served() || 'no handler'}`;
  await scenario.act(node);
  if (node.served() !== served.at(-1)) return `the engine serves ${node.served() || 'no handler'} at the end`;
  return differenceOf(node.tree(), tree);
}
