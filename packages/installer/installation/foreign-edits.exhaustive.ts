import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { editedCommands, injectForeignEdits } from '../testkit/inject-foreign-edits.ts';
import { describeResult, unite } from '../testkit/injection-result.ts';
import { makeTwoTinyPayloads } from '../testkit/tiny-payload.ts';

test('issue 12.1: an edit of another program before every change is kept, and the result is the same as without it', async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'kata-exhaustive-'));
  const [first, second] = await makeTwoTinyPayloads(scratch.path);
  const startedMs = performance.now();
  const results = [];
  for (const command of editedCommands(first, second)) results.push(await injectForeignEdits(command));
  const all = unite(results);
  process.stdout.write(describeResult('foreign edits', all, performance.now() - startedMs));

  expect(all.failures).toEqual([]);
  expect(all.cases).toBeGreaterThan(100);
});
