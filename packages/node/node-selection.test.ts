import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Selection, selectsNode } from './node-selection.ts';

const everywhere: Selection = { nodeName: undefined, nodeSelector: {}, terms: undefined };
const node = { name: 'n1', labels: { zone: 'a', size: '8', empty: '' } };

const label = (key: string, operator: string, ...values: readonly string[]): Selection => ({
  ...everywhere,
  terms: [{ matchExpressions: [{ key, operator, values }], matchFields: [] }],
});

const field = (operator: string, ...values: readonly string[]): Selection => ({
  ...everywhere,
  terms: [{ matchExpressions: [], matchFields: [{ key: 'metadata.name', operator, values }] }],
});

test.each<[string, Selection, boolean]>([
  ['no requirement', everywhere, true],
  ['its name', { ...everywhere, nodeName: 'n1' }, true],
  ['another name', { ...everywhere, nodeName: 'n2' }, false],
  ['node selector', { ...everywhere, nodeSelector: { zone: 'a', size: '8' } }, true],
  ['node selector, one differs', { ...everywhere, nodeSelector: { zone: 'a', size: '9' } }, false],
  ['node selector, one is absent', { ...everywhere, nodeSelector: { gpu: '' } }, false],
  ['In', label('zone', 'In', 'b', 'a'), true],
  ['In, another', label('zone', 'In', 'b'), false],
  ['In, absent', label('gpu', 'In', 'a'), false],
  ['NotIn', label('zone', 'NotIn', 'b'), true],
  ['NotIn, equal', label('zone', 'NotIn', 'a'), false],
  ['NotIn, absent', label('gpu', 'NotIn', 'a'), true],
  ['Exists', label('empty', 'Exists'), true],
  ['Exists, absent', label('gpu', 'Exists'), false],
  ['DoesNotExist', label('gpu', 'DoesNotExist'), true],
  ['DoesNotExist, it does', label('zone', 'DoesNotExist'), false],
  ['Gt', label('size', 'Gt', '7'), true],
  ['Gt, equal', label('size', 'Gt', '8'), false],
  ['Gt, not a number', label('zone', 'Gt', '7'), false],
  ['Gt, absent', label('gpu', 'Gt', '7'), false],
  ['Lt', label('size', 'Lt', '9'), true],
  ['Lt, compared as numbers', label('size', 'Lt', '10'), true],
  ['Lt, equal', label('size', 'Lt', '8'), false],
  ['an unknown operator', label('size', 'Near', '8'), true],
  ['field', field('In', 'n1'), true],
  ['field, another', field('In', 'n2'), false],
  ['field, not', field('NotIn', 'n1'), false],
  ['no terms', { ...everywhere, terms: [] }, false],
  ['an empty term', { ...everywhere, terms: [{ matchExpressions: [], matchFields: [] }] }, false],
])('%s: %#', (_, selection, expected) => {
  expect(selectsNode(selection, node)).toBe(expected);
});

test('terms are alternatives; all requirements of a term must hold', () => {
  const requirement = fc.constantFrom(
    { wanted: { key: 'zone', operator: 'In', values: ['a'] }, holds: true },
    { wanted: { key: 'zone', operator: 'NotIn', values: ['a'] }, holds: false },
    { wanted: { key: 'size', operator: 'Gt', values: ['1'] }, holds: true },
    { wanted: { key: 'gpu', operator: 'Exists', values: [] }, holds: false },
  );
  fc.assert(
    fc.property(fc.array(fc.array(requirement, { minLength: 1 })), fc.boolean(), (terms, selectorHolds) => {
      const selection: Selection = {
        nodeName: undefined,
        nodeSelector: { zone: selectorHolds ? 'a' : 'b' },
        terms: terms.map((term) => ({
          matchExpressions: term.map(({ wanted }) => wanted),
          matchFields: [],
        })),
      };
      const expected = selectorHolds && terms.some((term) => term.every(({ holds }) => holds));
      expect(selectsNode(selection, node)).toBe(expected);
    }),
  );
});
