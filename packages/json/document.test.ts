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
    ['makes an empty object longer', '{}\n', '{\n  "r": {\n    "path": "/opt/kata/bin/shim"\n  }\n}\n'],
    ['makes a text of nothing', '', '{\n  "r": {\n    "path": "/opt/kata/bin/shim"\n  }\n}\n'],
    [
      'keeps the ends of lines',
      '{\r\n  "a": {}\r\n}',
      '{\r\n  "a": {},\r\n  "r": {\r\n    "path": "/opt/kata/bin/shim"\r\n  }\r\n}',
    ],
    ['keeps the byte order mark', '\uFEFF{"a":1}', '\uFEFF{"a":1,"r":{"path":"/opt/kata/bin/shim"}}'],
  ])('%s', (_, before, after) => {
    expect(set(before, ['r'], runtime)).toBe(after);
  });

  test('comes with the objects above it', () => {
    expect(set('{"a": 1}', ['r', 'kata', 'path'], '/x')).toBe('{"a": 1,"r": {"kata":{"path":"/x"}}}');
  });

  test('goes into the object that is there', () => {
    const text = '{\n  "runtimes": {\n    "mine": {"path": "/m"}\n  },\n  "debug": true\n}\n';

    expect(set(text, ['runtimes', 'kata'], { path: '/k' })).toBe(
      '{\n  "runtimes": {\n    "mine": {"path": "/m"},\n    "kata": {\n      "path": "/k"\n    }\n  },\n  "debug": true\n}\n',
    );
  });
});

describe('an object that is there', () => {
  test('changes only where it differs', () => {
    const text = '{ "r": { "path":"/old",   "args":[ ] , "x":1 } }';

    expect(set(text, ['r'], { path: '/new', args: [] })).toBe('{ "r": { "path":"/new",   "args":[ ] } }');
  });
});

describe('a key that goes', () => {
  const text = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n';

  test.each([
    ['at the start', 'a', '{\n  "b": 2,\n  "c": 3\n}\n'],
    ['in the middle', 'b', '{\n  "a": 1,\n  "c": 3\n}\n'],
    ['at the end', 'c', '{\n  "a": 1,\n  "b": 2\n}\n'],
    ['that is not there', 'd', text],
  ])('%s', (_, key, after) => {
    expect(remove(text, [key])).toBe(after);
  });

  test('leaves its object', () => {
    expect(remove('{"r": { "kata": {} }}', ['r', 'kata'])).toBe('{"r": {}}');
  });

  test('goes wherever it stands', () => {
    expect(remove('{"a":1,"b":2,"a":3}', ['a'])).toBe('{"b":2}');
  });
});

describe('what is refused', () => {
  test.each([
    [
      'a comment',
      '{\n  // no\n  "a": 1\n}',
      'the text is not valid: InvalidCommentToken at line 2, column 3',
    ],
    ['a comma too much', '{"a": 1,}', 'at line 1, column 9'],
    ['half a text', '{"a": ', 'at line 1'],
    ['no object', '[1]', 'the text is not valid: no object at line 1, column 1'],
    ['more than one value', '{} {}', 'EndOfFileExpected at line 1, column 4'],
  ])('%s', (_, text, message) => {
    expect(() => JsonDocument.parse(text)).toThrow(message);
  });

  test('a key below what is no object', () => {
    expect(() => set('{"a": 1}', ['a', 'b'], 2)).toThrow('cannot change a.b in the text');
  });
});
