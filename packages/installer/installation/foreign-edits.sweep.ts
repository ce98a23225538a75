import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { editedCommands, sweepForeignEdits } from '../testkit/sweep-foreign-edits.ts';
import { describeSweep, unite } from '../testkit/sweep-result.ts';
import { makeTwoTinyPayloads } from '../testkit/tiny-payload.ts';

test('issue 12.1: an edit of somebody else before every change stays, and the end is as without it', async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'kata-sweep-'));
  const [first, second] = await makeTwoTinyPayloads(scratch.path);
  const startedMs = performance.now();
  const results = [];
  for (const command of editedCommands(first, second)) results.push(await sweepForeignEdits(command, 1));
  const all = unite(results);
  process.stdout.write(describeSweep('foreign edits', all, performance.now() - startedMs));

  expect(all.failures).toEqual([]);
  expect(all.cases).toBeGreaterThan(100);
});
