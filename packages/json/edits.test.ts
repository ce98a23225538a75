/** Property of the editor, over random documents: an edit changes its path and nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonDocument } from './document.ts';
import { deleteIn, getIn, type JsonObject, type JsonValue, setIn } from './value.ts';

const documentCount = 5_000;

const name = fc.constantFrom('a', 'b', 'runtimes', 'x y', 'ü"\\', '__proto__', '');
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const space = fc.constantFrom('', '', ' ', '\n  ', '\n\t', '\n\n    ', '  ');
const scalar = fc.constantFrom(
  ...['1', '-0', '1e3', '12345678901234567890', '0.10', 'true', 'null', '""', '"s \\u00e9 \\n"', '"{,}"'],
);

/** Texts, not values: spacing, escapes and the forms of numbers are what an edit must leave alone. */
const { object } = fc.letrec<{ object: string; array: string; value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: scalar },
    { weight: 2, arbitrary: tie('object') },
    { weight: 1, arbitrary: tie('array') },
  ),
  array: fc
    .tuple(fc.array(fc.tuple(space, tie('value'), space), { maxLength: 3 }), space)
    .map(([items, end]) => `[${items.map((item) => item.join('')).join(',')}${end}]`),
  object: fc
    .tuple(fc.array(fc.tuple(space, name, space, space, tie('value'), space), { maxLength: 4 }), space)
    .map(([pairs, end]) => {
      const texts = pairs.map(
        ([before, key, gap, behind, value, after]) =>
          `${before}${JSON.stringify(key)}${gap}:${behind}${value}${after}`,
      );
      return `{${texts.join(',')}${end}}`;
    }),
}));

const source = fc
  .record({
    text: fc.oneof({ weight: 20, arbitrary: object }, { weight: 1, arbitrary: fc.constantFrom('', ' \n') }),
    newline: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '', '\uFEFF'),
    end: fc.constantFrom('', '\n'),
  })
  .map(({ text, newline, mark, end }) => mark + `${text}${end}`.replaceAll('\n', newline));

const value: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue[]>(
  'v',
  7,
  null,
  ['x'],
  {},
  { a: 1 },
  { a: { b: [] }, runtimes: {} },
);
const edit = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), path, value }),
  fc.record({ kind: fc.constant('delete' as const), path }),
);

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const apply = (document: JsonDocument, wanted: Edit): JsonDocument =>
  wanted.kind === 'set' ? document.set(wanted.path, wanted.value) : document.delete(wanted.path);

/** With the parser of the language, not with the one of the editor. */
function readSecond(text: string): JsonObject {
  const bare = text.replace('\uFEFF', '');
  return bare.trim() === '' ? {} : (JSON.parse(bare) as JsonObject);
}

function expectedOf(before: JsonObject, wanted: Edit): JsonObject | undefined {
  return wanted.kind === 'set' ? setIn(before, wanted.path, wanted.value) : deleteIn(before, wanted.path);
}

/** The part of the first text that differs from the second, between their common start and their common end. */
function replacedBetween(before: string, after: string): string {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return before.slice(start, before.length - end);
}

/** Whether the first text is the second one with pieces removed. */
function isPartOf(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (character === part[at]) at += 1;
  return at === part.length;
}

const count = { edited: 0, refused: 0 };

function checkEdit(text: string, wanted: Edit): void {
  const document = JsonDocument.parse(text);
  const before = readSecond(text);
  expect(document.value).toEqual(before);
  const expected = expectedOf(before, wanted);
  if (expected === undefined) {
    expect(() => apply(document, wanted)).toThrow('cannot change');
    count.refused += 1;
    return;
  }
  const edited = apply(document, wanted);
  count.edited += 1;
  expect(readSecond(edited.text)).toEqual(expected);
  expect(edited.text.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
  if (text.includes('\r\n')) expect(edited.text).not.toMatch(/[^\r]\n/);
  expect(apply(edited, wanted).text).toBe(edited.text);
  const gone = replacedBetween(text, edited.text);
  // White space in an empty object, or in a text of nothing else, is replaced.
  if (wanted.kind === 'set' && getIn(before, wanted.path) === undefined) expect(gone.trim()).toBe('');
  // A key that occurs twice is deleted twice.
  if (wanted.kind === 'delete') expect(isPartOf(edited.text, text)).toBe(true);
}

test(`an edit of ${documentCount} random documents changes its path and nothing else, or is refused`, () => {
  fc.assert(fc.property(source, edit, checkEdit), { numRuns: documentCount });

  // An editor that refuses everything would pass the checks above.
  expect(count.refused).toBeLessThan(count.edited / 2);
});
