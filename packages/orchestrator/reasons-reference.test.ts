/** The reference of phases and reasons is complete. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '@kata/rollout';
import { expect, test } from 'vitest';
import { renderLifecycleReasons } from './reasons-reference.ts';

const rollout = join(import.meta.dirname, '../rollout');
const sources = globSync('*.ts', { cwd: rollout })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(rollout, file), 'utf8'));

test('each phase and each reason that a run writes is explained', () => {
  const words = Object.values(phases).map(({ word }) => word);
  const given = sources.flatMap((text) => [...text.matchAll(/\{ reason: '([^']+)', message\b/g)]);
  const [, verdicts = ''] = /type FailureWord =([^;]+);/.exec(sources.join('\n')) ?? [];
  const verdictWords = [...verdicts.matchAll(/'([^']+)'/g)];
  const reasons = [...given, ...verdictWords].map(([, reason = '']) => reason);
  const rows = renderLifecycleReasons().match(/(?<=^\| `)[^`]+/gm) ?? [];

  expect(reasons.length).toBeGreaterThan(8);
  expect(rows).toEqual(expect.arrayContaining([...words, ...reasons, 'exit-N']));
});
