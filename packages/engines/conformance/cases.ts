/** The laws of the contract as cases for every engine; an oracle reads what the engine would serve. */
import type { HostPath } from '@kata/host';
import { expect } from 'vitest';
import { type EngineFixture, refusalOf } from './fixture.ts';
import { type Desired, someHandlers, type TestedEngine, Trial } from './trial.ts';
import { Walk } from './walk.ts';

export interface ConformanceCase {
  readonly title: string;
  /** @throws when a law is broken */
  readonly run: <Facts>(tested: TestedEngine<Facts>, fixture: EngineFixture) => Promise<void>;
}

export const conformanceCases: readonly ConformanceCase[] = [
  {
    title:
      'serves handlers, then fewer, then others, as if they were the first, and is restored byte for byte',
    run: async (tested, fixture) => {
      const walk = new Walk(tested, fixture);
      for (const names of [['kata-clh', 'kata-qemu'], ['kata-qemu'], ['kata-fc', 'kata-clh', 'kata-qemu']]) {
        await walk.step('', { handlers: someHandlers(names) });
        await walk.expectNoEdits();
      }
      await walk.expectAsFirstStep();
      await walk.step('', gone);
      walk.expectRestored();
    },
  },
  {
    title: 'adds and removes every option of handlers',
    run: async (tested, fixture) => {
      for (const desired of desiredVariants(fixture)) {
        await walkAll(tested, fixture, [
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
        await walkAll(tested, fixture, [
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
    title: 'keeps what others add to every file between its steps',
    run: async (tested, fixture) => {
      const snapshotter = fixture.refuses?.snapshotter === undefined ? 'nydus' : undefined;
      const walk = new Walk(tested, fixture);
      await walk.step('', {
        handlers: someHandlers(['kata-qemu', 'kata-clh'], '', snapshotter),
        debug: true,
      });
      await walk.editAll();
      await walk.expectNoEdits();
      await walk.step('', { handlers: someHandlers(['kata-qemu'], '', snapshotter), debug: true });
      await walk.editAll();
      await walk.step('', plain(''));
      await walk.step('', gone);
      walk.expectRestored();
    },
  },
  {
    title: 'serves the same with each next version, and leaves no trace of the version before',
    run: async (tested, fixture) => {
      const walk = new Walk(tested, fixture);
      await walk.step('', { ...plain(''), debug: true });
      for (const version of fixture.nextVersions) {
        await walk.changeVersion(version);
        await walk.step('', { ...plain(''), debug: true });
        await walk.expectAsFirstStep();
      }
      await walk.step('', gone);
      walk.expectRestored();
    },
  },
  {
    title: 'reports exactly the handlers, foreign settings and user drop-in that are not as desired',
    run: async (tested, fixture) => {
      const { faults } = tested.expected;
      const trial = new Trial(tested, fixture.version, fixture.files);
      const desired = withUserDropIn(fixture);
      const { handlers, userDropIn } = desired;
      const missing = [
        ...handlers.map(faults.missing),
        ...(userDropIn === undefined ? [] : [faults.unreadDropIn(userDropIn.source)]),
      ];
      expect(await trial.faults('', desired)).toEqual(missing);
      if (refusalOf(fixture, desired) === undefined) {
        await trial.step('', desired);
        const path = Object.entries(trial.tree()).find(([, text]) =>
          text.endsWith(` ${userDropIn?.text}`),
        )?.[0];
        expect(await trial.faults('', gone)).toEqual([
          ...handlers.map(faults.surplus),
          ...(path === undefined ? [] : [faults.staleDropIn(path as HostPath)]),
        ]);
        await trial.step('', gone);
      }
      // The first setting stays; the second one is lost.
      const edited = new Trial(tested, fixture.version, fixture.files);
      for (const each of [trial, edited]) await each.addSetting(tested.mainPath, 'first');
      await edited.addSetting(tested.mainPath, 'second');
      expect(await trial.faults('', desired, await edited.facts())).toEqual([
        faults.lost('second'),
        ...missing,
      ]);
    },
  },
];

const gone: Desired = { handlers: [] };

function plain(suffix: string): Desired {
  return { handlers: someHandlers(['kata-qemu', 'kata-clh'], suffix) };
}

/** Where the machine accepts one. */
function withUserDropIn({ userDropIn, refuses }: EngineFixture): Desired {
  const isAccepted = userDropIn !== undefined && refuses?.userDropIn === undefined;
  return {
    ...plain(''),
    userDropIn: isAccepted ? { text: userDropIn.text, source: '/mine.toml' } : undefined,
  };
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
async function walkAll<Facts>(
  tested: TestedEngine<Facts>,
  fixture: EngineFixture,
  steps: readonly (readonly [suffix: string, desired: Desired])[],
): Promise<void> {
  const walk = new Walk(tested, fixture);
  for (const [suffix, desired] of steps) await walk.step(suffix, desired);
  walk.expectRestored();
}

/** The keys are added with or without debugging, which then changes. */
async function walkWithKeys<Facts>(
  tested: TestedEngine<Facts>,
  fixture: EngineFixture,
  debug: boolean,
): Promise<void> {
  const both = { ...plain(''), debug };
  if (refusalOf(fixture, both) !== undefined) {
    await new Walk(tested, fixture).step('', both);
    return;
  }
  const trial = new Trial(tested, fixture.version, fixture.files);
  const start = trial.tree();
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
