/** Property of the editor, over random documents: an edit changes its path and nothing else. */
import { KataError } from '@kata/core';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { TomlDocument } from './document.ts';
import { deleteIn, isTable, pruneAbove, setIn, type TomlTable, type TomlValue } from './value.ts';

const documentCount = 5_000;

const name = fc.constantFrom('a', 'b', 'c', 'imports', 'plugins', 'x y', 'io.containerd.cri.v1', '__proto__');
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const written = fc.constantFrom(
  '-1',
  '0xff',
  '1_000',
  '9223372036854775807',
  '1e3',
  '-0.0',
  'inf',
  'true',
  '"s # s"',
  "'l\\'",
  '"""m\nl"""',
  "'''\n#'''",
  '[]',
  '[ ]',
  '[ # c\n]',
  '[1, 2]',
  '["x", # c\n "y",\n]',
  '[\n\t"x"\n\t, "z" ]',
  '[ "x" , "v"]',
  '[["x"], {p = 1}]',
  '{}',
  '{ q = 1 }',
  '{ q.r = "x", b = { c = ["x"] } }',
  '1979-05-27',
  '07:32:00',
  '1979-05-27T07:32:00Z',
);
const comment = fc.constantFrom('', '  # note', '\t# tab "');
const indent = fc.constantFrom('', '  ', '\t');
const quote = fc.constantFrom('"', "'");

const key = fc
  .tuple(path, quote, fc.constantFrom('.', ' . '))
  .map(([names, mark, dot]) =>
    names.map((each) => (/^\w+$/.test(each) ? each : mark + each + mark)).join(dot),
  );
const pair = fc
  .tuple(indent, key, fc.constantFrom(' = ', '=', '\t= '), written, comment)
  .map((parts) => `${parts.join('')}\n`);
const header = fc
  .tuple(
    fc.constantFrom('', '\n', '\n# head\n', '\n \n'),
    indent,
    fc.oneof(
      { weight: 5, arbitrary: key.map((each) => `[${each}]`) },
      { weight: 1, arbitrary: key.map((each) => `[[ ${each} ]]`) },
    ),
    comment,
  )
  .map((parts) => `${parts.join('')}\n`);

/** Pieces that are joined as long as the text stays valid, so that few documents are lost. */
const source = fc
  .record({
    pieces: fc.array(fc.oneof({ weight: 3, arbitrary: pair }, { weight: 1, arbitrary: header }), {
      maxLength: 9,
    }),
    newline: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '', '\uFEFF'),
    isOpen: fc.boolean(),
  })
  .map(({ pieces, newline, mark, isOpen }) => {
    const text = pieces.reduce((valid, piece) => (isValid(valid + piece) ? valid + piece : valid), '');
    return mark + (isOpen ? text.replace(/\n$/, '') : text).replaceAll('\n', newline);
  });

const value: fc.Arbitrary<TomlValue> = fc.constantFrom<TomlValue[]>(
  'v',
  7,
  true,
  ['x'],
  {},
  { a: 1 },
  { q: 1, b: { c: ['x', 'w'] } },
  { b: {} },
);
const edit = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), path, value }),
  fc.record({ kind: fc.constant('delete' as const), path }),
  fc.record({ kind: fc.constantFrom('add', 'remove'), path, item: fc.constantFrom('x', 'v', 1) }),
);

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function isValid(text: string): boolean {
  try {
    TomlDocument.parse(text);
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function apply(document: TomlDocument, wanted: Edit): TomlDocument {
  switch (wanted.kind) {
    case 'set':
      return document.set(wanted.path, wanted.value);
    case 'delete':
      return document.delete(wanted.path);
    case 'add':
      return document.addToArray(wanted.path, wanted.item);
    case 'remove':
      return document.removeFromArray(wanted.path, wanted.item);
  }
}

/** What a second parser must see after the edit, computed from what it saw before. */
function expectedOf(before: TomlTable, wanted: Edit): TomlTable {
  const present = wanted.path.reduce<TomlValue | undefined>(
    (current, each) => (isTable(current) && Object.hasOwn(current, each) ? current[each] : undefined),
    before,
  );
  switch (wanted.kind) {
    case 'set':
      return setIn(before, wanted.path, wanted.value) ?? before;
    case 'delete':
      return pruneAbove(deleteIn(before, wanted.path), wanted.path);
    case 'add': {
      const items = (present ?? []) as TomlValue[];
      return (
        setIn(before, wanted.path, items.includes(wanted.item) ? items : [...items, wanted.item]) ?? before
      );
    }
    case 'remove':
      if (present === undefined) return before;
      return (
        setIn(
          before,
          wanted.path,
          (present as TomlValue[]).filter((item) => item !== wanted.item),
        ) ?? before
      );
  }
}

const readSecond = (text: string): TomlTable =>
  parse(text.replace('\uFEFF', ''), { integersAsBigInt: 'asNeeded' }) as unknown as TomlTable;

/** The lines that are in the first text but, counted, not in the second. */
function missingLines(before: string, after: string): readonly string[] {
  const left = after.split('\n');
  return before.split('\n').filter((line) => {
    const i = left.indexOf(line);
    if (i >= 0) left.splice(i, 1);
    return i < 0;
  });
}

const count = { edited: 0, refused: 0 };

function checkEdit(text: string, wanted: Edit): void {
  const document = TomlDocument.parse(text);
  let edited: TomlDocument;
  try {
    edited = apply(document, wanted);
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    expect(error.code).toBe('KATA_TOML_EDIT');
    count.refused += 1;
    return;
  }
  count.edited += 1;
  expect(edited.text.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
  if (text.includes('\r\n')) expect(edited.text).not.toMatch(/[^\r]\n/);
  const [seen, expected] = [readSecond(edited.text), expectedOf(readSecond(text), wanted)];
  // Whether empty tables above a deleted one are still mentioned does not matter.
  expect(wanted.kind === 'delete' ? pruneAbove(seen, wanted.path) : seen).toEqual(expected);
  expect(apply(edited, wanted).text).toBe(edited.text);
  const isAddition = wanted.kind === 'set' && document.get(wanted.path) === undefined;
  // Only a line that gets a comma, a key or the missing newline may change.
  if (isAddition) expect(missingLines(text, edited.text).length).toBeLessThanOrEqual(1);
}

test(
  `an edit of ${documentCount} random documents changes its path and nothing else, or is refused`,
  { timeout: 120_000 },
  () => {
    fc.assert(fc.property(source, edit, checkEdit), { numRuns: documentCount });

    // An editor that refuses everything would pass the checks above.
    expect(count.refused).toBeLessThan(count.edited / 2);
  },
);
