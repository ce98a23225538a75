/** The reference has exactly the codes that the sources of kata-lifecycle use. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes } from './error-codes.ts';

const repository = join(import.meta.dirname, '../..');
const sources = globSync('{packages/{orchestrator,rollout,kube},apps/lifecycle}/**/*.ts', { cwd: repository })
  .filter((file) => !/\.test\.ts$|\/testkit\/|error-codes/.test(file))
  .map((file) => readFileSync(join(repository, file), 'utf8'));

test('each code is explained, and each explained code is used', () => {
  const used = sources.flatMap(
    (text) => text.match(/\bKATA_(?:LIFECYCLE|ROLLOUT|HELM|KUBE)_[A-Z_]*[A-Z]\b/g) ?? [],
  );

  expect(Object.keys(errorCodes).toSorted()).toEqual([...new Set(used)].toSorted());
});

test.each(Object.entries(errorCodes))('the meaning of %s is one phrase', (_, { meaning }) => {
  expect(meaning).toMatch(/^\S.*[^.\s]$/);
});
