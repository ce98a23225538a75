import { expect, test } from 'vitest';
import { writeGoJson } from './go-json.ts';

test('characters that Go escapes are escaped, and parse to the same value', () => {
  const value = [
    { op: 'test', path: '/a', value: 'link /opt/kata/bin -> current/bin & <more>\u2028\u2029 "ü"' },
  ];

  expect(writeGoJson(value)).toBe(
    String.raw`[{"op":"test","path":"/a","value":"link /opt/kata/bin -\u003e current/bin \u0026 \u003cmore\u003e\u2028\u2029 \"ü\""}]`,
  );
  expect(JSON.parse(writeGoJson(value))).toEqual(value);
});
