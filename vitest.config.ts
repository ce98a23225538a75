/** Kinds of tests: `unit`, `slow` (seconds each), `exhaustive` (minutes) and `chart` (Helm, which the lab builds) need only this checkout; `lab`, `cluster`, `lifecycle`, `crash`, `faults` and `soak` bring real clusters up (root, minutes). */
import { defineConfig } from 'vitest/config';

const { node } = process.versions;
if (Number.parseInt(node, 10) < 24) {
  // Some tests would not run there, and the reporter would not say so.
  throw new Error(
    `Node ${node} is too old for the tests; run: npm run test:unit, which uses the Node of this checkout`,
  );
}

const minute = 60_000;
const slowTests = '{packages,apps,lab,scripts}/**/*.slow.test.ts';

/** One file at a time: clusters share this machine's memory and processors. */
const onClusters = { fileParallelism: false, testTimeout: 15 * minute, hookTimeout: 30 * minute };
/** Two at a time where each file has a cluster of its own and mostly waits for it. */
const onTwoClusters = { ...onClusters, fileParallelism: true, maxWorkers: 2 };

/**
 * A test that asserts nothing, as by an early return or a loop over nothing, fails. Those on clusters may only wait for
 * what must come, which throws when it does not.
 */
const asserting = { expect: { requireAssertions: true } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...asserting,
          name: 'unit',
          include: ['{packages,apps,lab,scripts}/**/*.test.ts', 'tests/{bench,recordings,soak}/*.test.ts'],
          exclude: [slowTests, 'tests/soak/soak.test.ts'],
          // For what hangs: a busy machine may be ten times slower.
          testTimeout: 3 * minute,
          hookTimeout: 3 * minute,
          // One pair of workers for all files: unit tests change nothing that another could see.
          pool: 'threads',
          isolate: false,
          maxWorkers: 2,
        },
      },
      // Whole conformance in memory, faults at a sample of all calls, real processes: too slow for `npm run check`.
      {
        test: {
          ...asserting,
          name: 'slow',
          include: [slowTests],
          testTimeout: 3 * minute,
          hookTimeout: 3 * minute,
          maxWorkers: 2,
        },
      },
      {
        // For what hangs: beside other work all calls of all scenarios take an hour.
        test: {
          ...asserting,
          name: 'exhaustive',
          include: ['packages/**/*.exhaustive.ts'],
          testTimeout: 120 * minute,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...asserting,
          name: 'chart',
          include: ['tests/chart/**/*.test.ts'],
          hookTimeout: 30 * minute,
          testTimeout: minute,
        },
      },
      // Real containerd reads configurations; none is run.
      {
        test: {
          ...asserting,
          name: 'engines',
          include: ['tests/engines/**/*.test.ts'],
          hookTimeout: 30 * minute,
          testTimeout: 5 * minute,
        },
      },
      // Compares the whole machine before and after.
      { test: { name: 'lab', include: ['tests/lab/**/*.test.ts'], ...onClusters } },
      { test: { name: 'cluster', include: ['tests/cluster/**/*.test.ts'], ...onTwoClusters } },
      {
        test: { name: 'conformance', include: ['tests/conformance/**/*.test.ts'], ...onClusters },
      },
      { test: { name: 'faults', include: ['tests/faults/**/*.test.ts'], ...onClusters } },
      { test: { name: 'lifecycle', include: ['tests/lifecycle/**/*.test.ts'], ...onClusters } },
      { test: { name: 'soak', include: ['tests/soak/soak.test.ts'], ...onClusters } },
      { test: { name: 'crash', include: ['tests/crash/**/*.test.ts'], ...onClusters } },
    ],
  },
});
