import { execa } from 'execa';
import { expect, test } from 'vitest';

/** All that the tests can have of an old Node is its version. */
const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;

test('tests refuse an old Node and say what to run', async () => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'packages/core/kata-error'];
  const words = ['--import', `data:text/javascript,${encodeURIComponent(old)}`, ...vitest];

  const { exitCode, stderr } = await execa(process.execPath, words, { reject: false });

  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    'Error: Node 20.20.2 is too old for the tests; run: npm run test:unit, which uses the Node of this checkout',
  );
});
