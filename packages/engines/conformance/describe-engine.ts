/** The laws of the contract as cases that each engine is put through, on machines that the engine's own tests describe. */
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { describe, expect, test } from 'vitest';
import { someHandlers, type TestedEngine, Trial, type Wish } from './trial.ts';

export interface EngineFixture {
  readonly name: string;
  /** The engine's own. */
  readonly version: string;
  readonly files: Readonly<Record<HostPath, MemorySeed>>;
  /** A drop-in that fits; undefined: this machine takes none. */
  readonly userDropIn?: string | undefined;
}

export function describeEngine<Facts>(
  name: string,
  tested: TestedEngine<Facts>,
  fixtures: readonly EngineFixture[],
): void {
  describe.each(fixtures)(`${name} $version with $name`, (fixture) => {
    test('serves handlers, fewer and others, and is put back byte for byte', async () => {
      await walk(tested, fixture, [
        ['', { handlers: someHandlers(['kata-qemu', 'kata-clh']) }],
        ['', { handlers: someHandlers(['kata-qemu']) }],
        ['', { handlers: someHandlers(['kata-clh', 'kata-fc']) }],
        ['', gone],
      ]);
    });
    test('takes and forgets all that can be wished beside handlers', async () => {
      for (const wish of richWishes(fixture)) {
        await walk(tested, fixture, [
          ['', plain('')],
          ['', wish],
          ['', plain('')],
          ['', wish],
          ['', gone],
        ]);
      }
    });
    test.each([
      ['the first', ['', 'b']],
      ['the second', ['b', '']],
    ])('serves two installations, of which %s leaves first', async (_title, leaving) => {
      for (const wish of [plain, (suffix: string): Wish => ({ ...plain(suffix), debug: true })]) {
        await walk(tested, fixture, [
          ['', wish('')],
          ['b', wish('b')],
          ...leaving.map((suffix) => [suffix, gone] as const),
        ]);
      }
    });
    test('keeps the files of one installation when the other leaves', async () => {
      const trial = new Trial(tested, fixture.version, fixture.files);
      await trial.turn('', plain(''));
      await trial.turn('b', plain('b'));
      await trial.turn('', gone);

      expect(await trial.plan('b', plain('b'))).toEqual([]);
    });
  });
}

const gone: Wish = { handlers: [] };

function plain(suffix: string): Wish {
  return { handlers: someHandlers(['kata-qemu', 'kata-clh'], suffix) };
}

function richWishes({ userDropIn }: EngineFixture): readonly Wish[] {
  const { handlers } = plain('');
  const dropIn = userDropIn === undefined ? undefined : { text: userDropIn, source: '/mine.toml' };
  return [
    { handlers, debug: true },
    { handlers: someHandlers(['kata-qemu', 'kata-clh'], '', 'nydus') },
    ...(dropIn === undefined ? [] : [{ handlers, userDropIn: dropIn }]),
    { handlers: [...handlers, ...someHandlers(['untrusted'])], debug: true, userDropIn: dropIn },
  ];
}

/** What the engine refuses changes nothing; all else keeps every law, and in the end all is as it was. */
async function walk<Facts>(
  tested: TestedEngine<Facts>,
  { version, files }: EngineFixture,
  steps: readonly (readonly [suffix: string, wish: Wish])[],
): Promise<void> {
  const trial = new Trial(tested, version, files);
  const start = trial.tree();
  for (const [suffix, wish] of steps) {
    const before = trial.tree();
    try {
      expect(await trial.turn(suffix, wish)).toEqual([]);
    } catch (error) {
      if (!(error instanceof KataError) || !error.code.startsWith('KATA_ENGINE_')) throw error;
      expect(trial.tree()).toEqual(before);
    }
  }
  expect(trial.tree()).toEqual(start);
}
