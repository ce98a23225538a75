import { expect, test } from 'vitest';
import { findOtherScripts } from './file-extension.ts';

test.each(['mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx', 'd.mts', 'JS', 'TS'])(
  'a file that ends with .%s is refused',
  (extension) => {
    expect(findOtherScripts([{ path: `packages/core/a.${extension}`, text: '' }])).toEqual([
      `packages/core/a.${extension}: no rule reads it; a script is a .ts file`,
    ]);
  },
);

test.each(['packages/core/a.ts', 'apps/a.d.ts', 'package.json', 'lab/a.jsonl', 'charts/js', 'bin/lab'])(
  '%s may exist',
  (path) => {
    expect(findOtherScripts([{ path, text: '' }])).toEqual([]);
  },
);
