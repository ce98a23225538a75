import { describe, expect, test } from 'vitest';
import { JsonDocument } from './document.ts';

const set = (text: string, path: readonly string[], value: Parameters<JsonDocument['set']>[1]): string =>
  JsonDocument.parse(text).set(path, value).text;
const remove = (text: string, path: readonly string[]): string => JsonDocument.parse(text).delete(path).text;

const runtime = { path: '/opt/kata/bin/shim' };

describe('a new key', () => {
  test.each([
    [
      'is written like those before it',
      '{\n\t"a" : 1,\n\t"b" : [ 1,2 ]\n}\n',
      '{\n\t"a" : 1,\n\t"b" : [ 1,2 ],\n\t"r" : {\n\t\t"path": "/opt/kata/bin/shim"\n\t}\n}\n',
    ],
    [
      'stays on the one line of the text',
      '{"a":1, "b":2}',
      '{"a":1, "b":2, "r":{"path":"/opt/kata/bin/shim"}}',
    ],
    ['goes into an empty object', '{}\n', '{\n  "r": {\n    "path": "/opt/kata/bin/shim"\n  }\n}\n'],
    ['goes into an empty text', '', '{\n  "r": {\n    "path": "/opt/kata/bin/shim"\n  }\n}\n'],
    [
      'keeps the line ends',
      '{\r\n  "a": {}\r\n}',
      '{\r\n  "a": {},\r\n  "r": {\r\n    "path": "/opt/kata/bin/shim"\r\n  }\r\n}',
    ],
    ['keeps the byte order mark', '\uFEFF{"a":1}', '\uFEFF{"a":1,"r":{"path":"/opt/kata/bin/shim"}}'],
  ])('%s', (_, before, after) => {
    expect(set(before, ['r'], runtime)).toBe(after);
  });

  test('is added with its parent objects', () => {
    expect(set('{"a": 1}', ['r', 'kata', 'path'], '/x')).toBe('{"a": 1,"r": {"kata":{"path":"/x"}}}');
  });

  test('goes into an existing object', () => {
    const text = '{\n  "runtimes": {\n    "mine": {"path": "/m"}\n  },\n  "debug": true\n}\n';

    expect(set(text, ['runtimes', 'kata'], { path: '/k' })).toBe(
      '{\n  "runtimes": {\n    "mine": {"path": "/m"},\n    "kata": {\n      "path": "/k"\n    }\n  },\n  "debug": true\n}\n',
    );
  });
});

describe('an existing object', () => {
  test('changes only where it differs', () => {
    const text = '{ "r": { "path":"/old",   "args":[ ] , "x":1 } }';

    expect(set(text, ['r'], { path: '/new', args: [] })).toBe('{ "r": { "path":"/new",   "args":[ ] } }');
  });
});

describe('a deleted key', () => {
  const text = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n';

  test.each([
    ['at the start', 'a', '{\n  "b": 2,\n  "c": 3\n}\n'],
    ['in the middle', 'b', '{\n  "a": 1,\n  "c": 3\n}\n'],
    ['at the end', 'c', '{\n  "a": 1,\n  "b": 2\n}\n'],
    ['that does not exist', 'd', text],
  ])('%s', (_, key, after) => {
    expect(remove(text, [key])).toBe(after);
  });

  test('leaves its object, even an empty one', () => {
    expect(remove('{"r": { "kata": {} }}', ['r', 'kata'])).toBe('{"r": {}}');
  });

  test('is deleted wherever it occurs', () => {
    expect(remove('{"a":1,"b":2,"a":3}', ['a'])).toBe('{"b":2}');
  });
});

describe('refuses', () => {
  test.each([
    [
      'a comment',
      '{\n  // no\n  "a": 1\n}',
      'the text is not valid JSON: InvalidCommentToken at line 2, column 3',
    ],
    ['a trailing comma', '{"a": 1,}', 'at line 1, column 9'],
    ['a truncated text', '{"a": ', 'at line 1'],
    ['an array', '[1]', 'the text is not valid JSON: the value is not an object at line 1, column 1'],
    ['more than one value', '{} {}', 'EndOfFileExpected at line 1, column 4'],
  ])('%s', (_, text, message) => {
    expect(() => JsonDocument.parse(text)).toThrow(message);
  });

  test('a key below a value that is not an object', () => {
    expect(() => set('{"a": 1}', ['a', 'b'], 2)).toThrow('cannot change a.b in the text');
  });
});
