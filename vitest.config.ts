/** Two kinds of tests: `unit` needs nothing but this checkout; `cluster` brings real clusters up (root, minutes). */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,apps,lab,scripts}/**/*.test.ts'],
          testTimeout: 20_000,
          // One pair of workers for all files: unit tests change nothing that another could see.
          pool: 'threads',
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['tests/{cluster,crash}/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 15 * 60_000,
          hookTimeout: 30 * 60_000,
        },
      },
    ],
  },
});
