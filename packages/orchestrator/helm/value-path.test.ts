import { isEqualValue, type JsonObject, type JsonValue, setIn } from '@kata/json';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedPaths, formatValuePath, isCovered } from './value-path.ts';

function changes(before: JsonObject, after: JsonObject): readonly string[] {
  return changedPaths(before, after).map(formatValuePath);
}

describe('values that differ', () => {
  test.each<[string, JsonObject, JsonObject, readonly string[]]>([
    ['nothing', { a: { b: [1, null] } }, { a: { b: [1, null] } }, []],
    ['a scalar', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, ['a.c']],
    ['another type', { a: '1' }, { a: 1 }, ['a']],
    ['an added tree', {}, { a: { b: { c: 1 } } }, ['a.b.c']],
    ['a removed tree', { a: { b: 1, c: 2 } }, {}, ['a.b', 'a.c']],
    ['an empty object', {}, { a: {} }, ['a']],
    ['null', { a: 1 }, { a: null }, ['a']],
    ['null where there was nothing', {}, { a: null }, ['a']],
    ['null becomes an object', { a: null }, { a: { b: 1 } }, ['a.b']],
    ['a scalar becomes an object', { a: 'x' }, { a: { b: 1 } }, ['a']],
    ['an element of a list', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, ['a[1].b']],
    ['a longer list', { a: [1] }, { a: [1, 2, 3] }, ['a[1]', 'a[2]']],
    ['an added list', {}, { a: [{ b: 1 }] }, ['a[0].b']],
    ['an added empty list', {}, { a: [] }, ['a']],
    ['a removed list', { a: [1, 2] }, { a: null }, ['a[0]', 'a[1]']],
    ['a replaced list', { a: ['p', 'q'] }, { a: [null, 'x'] }, ['a[0]', 'a[1]']],
    [
      'a key with a dot',
      {},
      { nodeSelector: { 'example.org/x': 'y' } },
      [String.raw`nodeSelector.example\.org/x`],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  test('a key that every object inherits is a key like others', () => {
    const after = JSON.parse('{"__proto__": {"a": 1}}') as JsonObject;

    expect(changes({}, after)).toEqual(['__proto__.a']);
    expect(changes({}, { constructor: 1 })).toEqual(['constructor']);
  });

  test('what is set at a path changes nothing outside it, and no set value stays unnoticed', () => {
    const plain = { noNullPrototype: true };
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
    const key = fc.constantFrom('a', 'b', 'c');
    const inner = fc.dictionary(key, json, plain);
    const object = fc.dictionary(key, fc.oneof(json, inner), plain) as fc.Arbitrary<JsonObject>;

    fc.assert(
      fc.property(object, fc.array(key, { minLength: 1, maxLength: 3 }), json, (before, path, value) => {
        const after = setIn(before, path, value);
        fc.pre(after !== undefined);
        const changed = changedPaths(before, after);

        expect(changed.every((one) => isCovered(one, [path]))).toBe(true);
        expect(changed.length === 0).toBe(isEqualValue(before, after));
      }),
    );
  });
});

test('a given path covers what is below it', () => {
  expect(isCovered(['a', 'b', 0], [['c'], ['a', 'b']])).toBe(true);
  expect(isCovered(['a'], [['a', 'b']])).toBe(false);
  expect(isCovered(['a', 0], [['a', '0']])).toBe(false);
  expect(isCovered(['a'], [])).toBe(false);
});
