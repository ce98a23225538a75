import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentKey, readSources } from './content-key.ts';

const text = fc.string({ unit: 'grapheme' });

test('two lists that read the same when joined have different keys', () => {
  fc.assert(
    fc.property(fc.array(text), text, text, fc.array(text), (before, one, two, after) => {
      const apart = contentKey([...before, one, two, ...after]);

      expect(contentKey([...before, one + two, ...after])).not.toBe(apart);
    }),
  );
});

test('different lists have different keys, and equal lists have equal keys', () => {
  fc.assert(
    fc.property(fc.array(text), fc.array(text), (one, two) => {
      const same = JSON.stringify(one) === JSON.stringify(two);

      expect(contentKey(one) === contentKey(two)).toBe(same);
      expect(contentKey([...one])).toBe(contentKey(one));
    }),
  );
});

test('sources are read in a stable order with their paths, without files that do not match', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'sources-'));
  await mkdir(join(directory.path, 'b'));
  await writeFile(join(directory.path, 'c.go'), 'C');
  await writeFile(join(directory.path, 'b/b.go'), 'B');
  await writeFile(join(directory.path, 'a.go'), 'A');
  await writeFile(join(directory.path, 'a.txt'), 'not Go');

  const sources = await readSources(directory.path, (path) => path.endsWith('.go'));

  expect(sources).toEqual(['a.go', 'A', 'b/b.go', 'B', 'c.go', 'C']);
});
