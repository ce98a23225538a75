/** An engine that plans nothing and finds no faults must fail the suite. */
import { describe, expect, test } from 'vitest';
import { fixturesOf, tested } from '../containerd/testkit/conformance-machines.ts';
import type { Engine } from '../contract.ts';
import { fixturesOf as crioFixturesOf, tested as crioTested } from '../crio/testkit/conformance-machines.ts';
import { conformanceCases } from './cases.ts';
import type { TestedEngine } from './trial.ts';

const engine: Engine<object> = {
  title: 'nothing',
  locate: async () => tested.location,
  probe: async () => ({}),
  planEdits: () => [],
  findFaults: () => [],
  foresee: (facts) => facts,
  refuseHarm: () => undefined,
  loader: undefined,
  findForeignHandlers: () => [],
  findHandlers: () => [],
  planDrops: () => [],
  missingFiles: () => [],
  keepsShimInfo: () => false,
  configFiles: () => [],
  configTexts: () => new Map(),
  checkVersion: () => ({ state: 'ok', summary: 'nothing' }),
};

function emptyOf<Facts>(real: TestedEngine<Facts>): TestedEngine<object> {
  return { ...real, engine, problems: () => [] };
}

describe.each(['1.6.20', '1.7.30', '2.2.1', '2.4.2'].flatMap(fixturesOf))(
  'an engine that does nothing, on $name of containerd $version',
  (fixture) => {
    test.each(conformanceCases)('fails: $title', async ({ run }) => {
      await expect(run(emptyOf(tested), fixture)).rejects.toThrow();
    });
  },
);

describe.each(crioFixturesOf('1.36.1'))('an engine that does nothing, on $name of CRI-O', (fixture) => {
  test.each(conformanceCases)('fails: $title', async ({ run }) => {
    await expect(run(emptyOf(crioTested), fixture)).rejects.toThrow();
  });
});
