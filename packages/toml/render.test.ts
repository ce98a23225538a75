import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { TomlDocument } from './document.ts';
import { renderDocument } from './render.ts';
import { TomlDateTime } from './value.ts';

test('prints a document with scalars before tables and without redundant headers', () => {
  const text = renderDocument(
    { plugins: { 'io.x.v1': { runtimes: { a: { type: 't', options: {} } } } }, version: 3 },
    'Two lines\nof comment',
  );

  expect(text).toBe(
    '# Two lines\n# of comment\nversion = 3\n\n[plugins."io.x.v1".runtimes.a]\ntype = "t"\n\n[plugins."io.x.v1".runtimes.a.options]\n',
  );
});

test.each([
  ['quotes and control characters', 'a"b\\c\n\t\u0000\u007F\u2028ü'],
  ['an empty string', ''],
  ['numbers', [0, -1, 1.5, 1e21, -1e-7, Infinity, -Infinity]],
  ['tables in arrays', [{ a: 1, 'b c': { d: [true, false] } }, {}]],
  ['an empty array', []],
])('both parsers read %s back', (_, value) => {
  const text = renderDocument({ value });

  expect(TomlDocument.parse(text).value).toEqual({ value });
  expect(parse(text)).toEqual({ value });
});

test('prints values that JSON cannot represent', () => {
  const value = { a: 2n ** 62n, b: new TomlDateTime('07:32:00'), c: -0, d: NaN };

  expect(renderDocument(value)).toBe('a = 4611686018427387904\nb = 07:32:00\nc = -0.0\nd = nan\n');
  expect(TomlDocument.parse(renderDocument(value)).value).toEqual(value);
});

test('prints nothing for an empty table', () => {
  expect(renderDocument({})).toBe('');
});
