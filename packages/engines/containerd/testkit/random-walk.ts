/** Random histories of installations on random machines, checked after each step. */
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { TomlDocument } from '@kata/toml';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { someHandlers, Trial, type Desired } from '../../conformance/trial.ts';
import { expectServed } from '../../conformance/expect-served.ts';
import type { Served } from '../../conformance/oracle.ts';
import { tested } from './conformance-machines.ts';
import type { ContainerdFacts } from '../index.ts';
import { randomMachine, type RandomMachine } from '../random-document.ts';

export const allVersions = ['1.6.20', '1.7.30', '2.0.5', '2.1.4', '2.2.1', '2.3.0', '2.4.2'] as const;

export interface Walked {
  /** Documents that containerd would read. */
  documents: number;
  /** Steps that succeeded, with or without changes. */
  steps: number;
  refused: number;
  /** Why steps were refused, by code. */
  readonly codes: Map<string, number>;
}

interface Step {
  readonly suffix: '' | 'b';
  readonly names: readonly string[];
  readonly debug: boolean;
  readonly snapshotter: string | undefined;
  readonly hasUserDropIn: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  suffix: fc.constantFrom('' as const, '' as const, 'b' as const),
  names: fc.subarray(['kata-qemu', 'kata-clh', 'kata-fc'], { minLength: 0 }),
  debug: fc.boolean(),
  snapshotter: fc.option(fc.constantFrom('nydus', 'devmapper'), { nil: undefined, freq: 2 }),
  hasUserDropIn: fc.nat(3).map((number) => number === 0),
});

/** @throws when a law does not hold, with the smallest machine and history that break it */
export async function walkRandomly(runs: number, seed: number): Promise<Walked> {
  const walked: Walked = { documents: 0, steps: 0, refused: 0, codes: new Map() };
  for (const [i, version] of allVersions.entries()) {
    const newest = version.startsWith('1.') ? 2 : ['2.3.0', '2.4.2'].includes(version) ? 4 : 3;
    await fc.assert(
      fc.asyncProperty(
        randomMachine(newest),
        fc.array(step, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (machine, steps, isReversed) => {
          await walk(version, machine, { steps, isReversed }, walked);
        },
      ),
      { numRuns: Math.ceil(runs / allVersions.length), seed: seed + i },
    );
  }
  return walked;
}

interface History {
  readonly steps: readonly Step[];
  /** Whether the second installation is removed first. */
  readonly isReversed: boolean;
}

async function walk(
  version: string,
  machine: RandomMachine,
  { steps, isReversed }: History,
  walked: Walked,
): Promise<void> {
  const files: Record<HostPath, string> = { '/etc/containerd/config.toml': machine.main };
  if (machine.dropIn !== undefined) files['/etc/containerd/conf.d/theirs.toml'] = machine.dropIn;
  if (!Object.values(files).every(isToml)) return;
  walked.documents += 1;
  const trial = new Trial(tested, version, files);
  const [start, bare] = [trial.tree(), await servedBare(trial)];
  const leaving = isReversed ? (['b', ''] as const) : (['', 'b'] as const);
  const present = new Map<string, Desired>();
  const goes = leaving.map((suffix) => [suffix, { handlers: [] }] as const);
  for (const [suffix, desired] of [
    ...steps.map((each) => [each.suffix, desiredOf(each, machine)] as const),
    ...goes,
  ]) {
    if (await tryStep(trial, suffix, desired, walked)) present.set(suffix, desired);
    if (bare !== undefined) await expectOursAndTheirs(trial, bare, machine, [...present.values()]);
  }
  if (JSON.stringify(trial.tree()) !== JSON.stringify(start)) {
    throw new Error(`not restored on ${version}: ${JSON.stringify([start, trial.tree()], undefined, 1)}`);
  }
}

async function expectOursAndTheirs(
  trial: Trial<ContainerdFacts>,
  bare: Served,
  { dropIn = '' }: RandomMachine,
  present: readonly Desired[],
): Promise<void> {
  // A log level in a later foreign file overrides the desired one.
  const isLevelTheirs = /level/.test(dropIn);
  const desired = isLevelTheirs ? present.map((each) => ({ ...each, debug: false })) : present;
  const before = isLevelTheirs ? { ...bare, logLevel: (await trial.served()).logLevel } : bare;
  await expectServed(trial, before, desired, userSettings);
}

/** Whether it was applied; otherwise it was refused and changed nothing. */
async function tryStep(
  trial: Trial<ContainerdFacts>,
  suffix: string,
  desired: Desired,
  walked: Walked,
): Promise<boolean> {
  const before = JSON.stringify(trial.tree());
  try {
    const broken = await trial.step(suffix, desired);
    if (broken.length > 0)
      throw new Error(`${broken.join('; ')} in ${JSON.stringify(trial.tree(), undefined, 1)}`);
    walked.steps += 1;
    return true;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    if (JSON.stringify(trial.tree()) !== before || desired.handlers.length === 0) throw error;
    walked.refused += 1;
    walked.codes.set(error.code, (walked.codes.get(error.code) ?? 0) + 1);
    return false;
  }
}

/** Undefined: the engine does not start with the foreign configuration. */
async function servedBare(trial: Trial<ContainerdFacts>): Promise<Served | undefined> {
  try {
    return await trial.served();
  } catch {
    return undefined;
  }
}

const userSettings = { 'timeouts io.containerd.timeout.shim.load': '5s' };

function desiredOf(
  { suffix, names, debug, snapshotter, hasUserDropIn }: Step,
  { schema }: RandomMachine,
): Desired {
  const text = `version = ${schema ?? 3}\n[timeouts]\n"io.containerd.timeout.shim.load" = "5s"\n`;
  return {
    handlers: someHandlers(names, suffix, snapshotter),
    debug,
    userDropIn: hasUserDropIn ? { text, source: '/mine.toml' } : undefined,
  };
}

/** For our own parser and for another one. */
function isToml(text: string): boolean {
  try {
    TomlDocument.parse(text);
    parse(text.replace('\uFEFF', ''));
    return true;
  } catch {
    return false;
  }
}
