import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LabelRequirement, matchesLabels, parseLabelSelector } from './label-selector.ts';

const one = (key: string, operator: LabelRequirement['operator'], ...values: readonly string[]) => [
  { key, operator, values },
];

// Compared with labels.Parse of apimachinery 0.36.3, as were 400,000 random texts.
test.each<[string, readonly LabelRequirement[]]>([
  ['', []],
  [' \t\n', []],
  ['a=b', one('a', 'In', 'b')],
  ['a == b', one('a', 'In', 'b')],
  ['a=', one('a', 'In', '')],
  ['a!=b', one('a', 'NotIn', 'b')],
  ['a', one('a', 'Exists')],
  ['! a', one('a', 'DoesNotExist')],
  ['a in (c, b,b)', one('a', 'In', 'b', 'c')],
  ['a notin (b)', one('a', 'NotIn', 'b')],
  ['a in ()', one('a', 'In', '')],
  ['a in (,b)', one('a', 'In', '', 'b')],
  ['a>5', one('a', 'Gt', '5')],
  ['a < 5', one('a', 'Lt', '5')],
  ['in in (in,notin)', one('in', 'In', 'in', 'notin')],
  ['notin', one('notin', 'Exists')],
  ['example.com/a-b.c_d=1.2', one('example.com/a-b.c_d', 'In', '1.2')],
  ['a,!b,c=', [...one('a', 'Exists'), ...one('b', 'DoesNotExist'), ...one('c', 'In', '')]],
])('%j is read as by kubectl', (text, expected) => {
  expect(parseLabelSelector(text)).toEqual(expected);
});

test.each<[string, number, string]>([
  ['a b', 3, 'found "b", expected one of = == != in notin > <, "," or the end'],
  ['a in (b', 8, 'it ends, expected "," or ")"'],
  ['a in b', 6, 'found "b", expected "("'],
  ['a in (b c)', 9, 'found "c", expected "," or ")"'],
  ['a=b c', 5, 'found "c", expected "," or the end'],
  ['a===b', 4, 'found "=", expected a value'],
  ['a=b,', 5, 'it ends, expected the key of a label'],
  [',a', 1, 'found ",", expected the key of a label'],
  ['!', 2, 'it ends, expected the key of a label'],
  ['!a=b', 3, 'found "=", expected "," or the end'],
  ['a/b/c', 1, 'found "a/b/c", the key of a label looks like "name" or "example.com/name"'],
  ['Up/a', 1, 'found "Up/a", the key of a label looks like "name" or "example.com/name"'],
  ['a=-b', 3, 'found "-b", a value has at most 63 letters, digits, "-", "_" and "."'],
  ['a=$(date)', 3, 'found "$", a value has at most 63 letters, digits, "-", "_" and "."'],
  ['a>b', 3, 'found "b", expected an integer'],
  ['a>', 3, 'it ends, expected an integer'],
])('%j is refused at character %i', (text, character, problem) => {
  expect(() => parseLabelSelector(text)).toThrow(
    expect.objectContaining({
      code: 'KATA_ROLLOUT_SELECTOR_INVALID',
      message: `the label selector "${text}" is not valid at character ${character}: ${problem}`,
      hint: 'write it as for kubectl, such as "pool=kata,zone in (a,b),!spot"',
      exitCode: 2,
    }),
  );
});

test('a key or value that is longer than 63 characters is refused', () => {
  const [long, longer] = ['x'.repeat(63), 'x'.repeat(64)];

  expect(parseLabelSelector(`${long}=${long}`)).toEqual(one(long, 'In', long));
  expect(() => parseLabelSelector(`${longer}=a`)).toThrow('at character 1');
  expect(() => parseLabelSelector(`a=${longer}`)).toThrow('at character 3');
});

test.each<[string, boolean]>([
  ['', true],
  ['zone=a', true],
  ['zone=a,size>7', true],
  ['zone=a,size>8', false],
  ['zone!=a', false],
  ['gpu!=a', true],
  ['gpu notin (a)', true],
  ['gpu in (a)', false],
  ['gpu=', false],
  ['empty=', true],
  ['empty', true],
  ['!empty', false],
  ['!gpu', true],
  ['zone<7', false],
])('%j on a node', (text, expected) => {
  const labels = { zone: 'a', size: '8', empty: '' };

  expect(matchesLabels(parseLabelSelector(text), labels)).toBe(expected);
});

test('what is written with more white space is the same selector', () => {
  const word = fc.stringMatching(/^[a-z]([-a-z0-9]{0,5}[a-z0-9])?$/);
  const space = fc.stringMatching(/^[ \t\n]{0,3}$/);
  const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
    fc.record({
      key: word,
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.uniqueArray(word, { minLength: 1 }).map((values) => values.toSorted()),
    }),
    fc.record({
      key: word,
      operator: fc.constantFrom('Exists', 'DoesNotExist'),
      values: fc.constant([]),
    }),
  );
  const render = ({ key, operator, values }: LabelRequirement, gap: string): string => {
    if (operator === 'Exists') return `${gap}${key}${gap}`;
    if (operator === 'DoesNotExist') return `${gap}!${gap}${key}`;
    return `${key} ${operator.toLowerCase()}${gap}(${values.join(`${gap},${gap}`)}${gap})${gap}`;
  };

  fc.assert(
    fc.property(fc.array(requirement), space, (requirements, gap) => {
      const text = requirements.map((wanted) => render(wanted, gap)).join(',');
      expect(parseLabelSelector(text)).toEqual(requirements);
    }),
  );
});
