/** The laws of the contract as cases for every engine; an oracle reads what the engine would serve. */
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { expect } from 'vitest';
import { expectServed } from './expect-served.ts';
import type { Served } from './oracle.ts';
import { type Desired, someHandlers, type TestedEngine, Trial } from './trial.ts';

export interface EngineFixture {
  readonly name: string;
  /** Of the engine. */
  readonly version: string;
  readonly files: Readonly<Record<HostPath, MemorySeed>>;
  /** A valid one, with the settings in it; undefined: this machine accepts none. */
  readonly userDropIn?: { readonly text: string; readonly settings: Served['settings'] } | undefined;
  /** The codes of the expected refusals; everything else must succeed. */
  readonly refuses?: Refusals | undefined;
}

/** `handlers`: any handlers; the others: handlers with that option. */
export interface Refusals {
  readonly handlers?: `KATA_ENGINE_${string}`;
  readonly snapshotter?: `KATA_ENGINE_${string}`;
  readonly userDropIn?: `KATA_ENGINE_${string}`;
}

export interface ConformanceCase {
  readonly title: string;
  /** @throws when a law is broken */
  readonly run: <Facts>(tested: TestedEngine<Facts>, fixture: EngineFixture) => Promise<void>;
}

export const conformanceCases: readonly ConformanceCase[] = [
  {
    title: 'serves handlers, then fewer, then others, and is restored byte for byte',
    run: async (tested, fixture) => {
      await walk(tested, fixture, [
        ['', { handlers: someHandlers(['kata-qemu', 'kata-clh']) }],
        ['', { handlers: someHandlers(['kata-qemu']) }],
        ['', { handlers: someHandlers(['kata-clh', 'kata-fc']) }],
        ['', gone],
      ]);
    },
  },
  {
    title: 'adds and removes every option of handlers',
    run: async (tested, fixture) => {
      for (const desired of desiredVariants(fixture)) {
        await walk(tested, fixture, [
          ['', desired],
          ['', plain('')],
          ['', desired],
          ['', gone],
        ]);
      }
    },
  },
  ...(['', 'b'] as const).map((first) => ({
    title: `serves two installations, of which ${first === '' ? 'the first' : 'the second'} is removed first`,
    run: async <Facts>(tested: TestedEngine<Facts>, fixture: EngineFixture) => {
      for (const debug of [false, true]) {
        await walk(tested, fixture, [
          ['', { ...plain(''), debug }],
          ['b', { ...plain('b'), debug }],
          [first, gone],
          [first === '' ? 'b' : '', gone],
        ]);
      }
    },
  })),
  {
    title: 'keeps keys that an administrator adds to a handler, until the handler is removed',
    run: async (tested, fixture) => {
      for (const debug of [false, true]) await walkWithKeys(tested, fixture, debug);
    },
  },
  {
    title: 'reports faults before its edits are applied',
    run: async (tested, fixture) => {
      const trial = new Trial(tested, fixture.version, fixture.files);

      expect(await trial.faults('', plain(''))).not.toEqual([]);
    },
  },
];

const gone: Desired = { handlers: [] };

function plain(suffix: string): Desired {
  return { handlers: someHandlers(['kata-qemu', 'kata-clh'], suffix) };
}

function desiredVariants({ userDropIn }: EngineFixture): readonly Desired[] {
  const { handlers } = plain('');
  const dropIn = userDropIn === undefined ? undefined : { text: userDropIn.text, source: '/mine.toml' };
  return [
    { handlers, debug: true },
    { handlers: someHandlers(['kata-qemu', 'kata-clh'], '', 'nydus') },
    ...(dropIn === undefined ? [] : [{ handlers, userDropIn: dropIn }]),
    { handlers: [...handlers, ...someHandlers(['untrusted'])], debug: true, userDropIn: dropIn },
  ];
}

/** After each step the engine serves all desired and all foreign configuration; in the end no byte differs. */
async function walk<Facts>(
  tested: TestedEngine<Facts>,
  fixture: EngineFixture,
  steps: readonly (readonly [suffix: string, desired: Desired])[],
): Promise<void> {
  const trial = new Trial(tested, fixture.version, fixture.files);
  const [start, bare] = [trial.tree(), await trial.served()];
  const present = new Map<string, Desired>();
  for (const [suffix, desired] of steps) {
    const code = refusalOf(fixture, desired);
    if (code === undefined) {
      expect(await trial.step(suffix, desired)).toEqual([]);
      present.set(suffix, desired);
    } else {
      const before = trial.tree();
      expect(await refusedCode(trial.step(suffix, desired))).toBe(code);
      expect(trial.tree()).toEqual(before);
    }
    expectServed(await trial.served(), bare, [...present.values()], fixture.userDropIn?.settings);
  }
  expect(trial.tree()).toEqual(start);
}

/** The keys are added with or without debugging, which then changes. */
async function walkWithKeys<Facts>(
  tested: TestedEngine<Facts>,
  fixture: EngineFixture,
  debug: boolean,
): Promise<void> {
  const trial = new Trial(tested, fixture.version, fixture.files);
  const start = trial.tree();
  const both = { ...plain(''), debug };
  const code = refusalOf(fixture, both);
  if (code !== undefined) {
    expect(await refusedCode(trial.step('', both))).toBe(code);
    return;
  }
  const tableOf = async (): Promise<unknown> => (await trial.served()).handlers['kata-qemu']?.table;

  expect(await trial.step('', both)).toEqual([]);
  const bare = await tableOf();
  await trial.addKeys('kata-qemu');
  const table = await tableOf();
  expect(table).not.toEqual(bare);
  expect(await trial.plan('', both)).toEqual([]);
  for (const desired of [
    { handlers: someHandlers(['kata-qemu']), debug },
    { handlers: someHandlers(['kata-clh', 'kata-qemu']), debug: !debug },
    both,
  ]) {
    expect(await trial.step('', desired)).toEqual([]);
    expect(await tableOf()).toEqual(table);
  }

  expect(await trial.step('', { handlers: someHandlers(['kata-clh']) })).toEqual([]);
  expect(await trial.step('', both)).toEqual([]);
  expect(await tableOf()).toEqual(bare);
  expect(await trial.step('', gone)).toEqual([]);
  expect(trial.tree()).toEqual(start);
}

function refusalOf({ refuses = {} }: EngineFixture, desired: Desired): string | undefined {
  if (desired.handlers.length === 0) return undefined;
  if (refuses.handlers !== undefined) return refuses.handlers;
  if (desired.handlers.some(({ snapshotter }) => snapshotter !== undefined)) return refuses.snapshotter;
  return desired.userDropIn === undefined ? undefined : refuses.userDropIn;
}

async function refusedCode(step: Promise<unknown>): Promise<string> {
  try {
    return `not refused: ${JSON.stringify(await step)}`;
  } catch (error) {
    if (error instanceof KataError) return error.code;
    throw error;
  }
}
