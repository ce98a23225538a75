import { expect, test } from 'vitest';
import { readKubernetesYaml } from './kubernetes-yaml.ts';

// Compared with sigs.k8s.io/yaml 1.6.0.
test.each<[string, unknown]>([
  ['0644', 420],
  ['0o17', 15],
  ['0x1F', 31],
  ['0b101', 5],
  ['089', 89],
  ['1_000', 1000],
  ['1e3', 1000],
  ['.5', 0.5],
  ['1.10', 1.1],
  ['"0644"', '0644'],
  ['yes', true],
  ['Off', false],
  ['y', true],
  ['~', null],
  ['', null],
  ['12:30', '12:30'],
  ['2001-12-14', '2001-12-14'],
  ['16Gi', '16Gi'],
  ['.', '.'],
  ['-.', '-.'],
  ['12e', '12e'],
  ['!!str 5', '5'],
])('%s is read as by kubectl', (text, expected) => {
  expect(readKubernetesYaml(`a: ${text}\n`)).toEqual({ kind: 'documents', documents: [{ a: expected }] });
});

test('what JSON has no number for is a text', () => {
  expect(readKubernetesYaml('[.inf, -.Inf, .nan]')).toEqual({
    kind: 'documents',
    documents: [['.inf', '-.Inf', '.nan']],
  });
});

test('documents, merged mappings, JSON, a byte order mark and CRLF', () => {
  expect(readKubernetesYaml('---\n# nothing\n---\na: 1\n---\n{"b": [2]}\n---\n')).toEqual({
    kind: 'documents',
    documents: [{ a: 1 }, { b: [2] }],
  });
  expect(readKubernetesYaml('\uFEFFx: &x {a: 1}\r\nz: {<<: *x, b: 2}\r\n')).toEqual({
    kind: 'documents',
    documents: [{ x: { a: 1 }, z: { a: 1, b: 2 } }],
  });
  expect(readKubernetesYaml('')).toEqual({ kind: 'documents', documents: [] });
  expect(readKubernetesYaml('# nothing\n')).toEqual({ kind: 'documents', documents: [] });
});

test.each([
  ['a: 1\na: 2\n', 'is not valid YAML at line 2, column 1: Map keys must be unique'],
  [
    'a: 1\n  b: 2\n',
    'is not valid YAML at line 1, column 4: Nested mappings are not allowed in compact mappings',
  ],
  [
    'a: *x\n',
    'has YAML aliases that cannot be resolved: Unresolved alias (the anchor must be set before the alias): x',
  ],
])('%j is refused', (text, problem) => {
  expect(readKubernetesYaml(text)).toEqual({ kind: 'invalid', problem });
});

test('aliases that would expand without end are refused', () => {
  const level = (from: string, to: string): string =>
    `${to}: &${to} [${Array(20).fill(`*${from}`).join(',')}]\n`;
  const text = `a: &a [1]\n${level('a', 'b')}${level('b', 'c')}${level('c', 'd')}`;

  expect(readKubernetesYaml(text)).toEqual({
    kind: 'invalid',
    problem:
      'has YAML aliases that cannot be resolved: Excessive alias count indicates a resource exhaustion attack',
  });
});
