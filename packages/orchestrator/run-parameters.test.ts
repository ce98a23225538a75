import { expect, test } from 'vitest';
import { parseParameters, type RunParameter } from './run-parameters.ts';

const needed = { 'target-version': '3.25.0', 'verification-pod': 'kind: Pod' };

test('empty texts stand for the defaults', () => {
  const empty = { 'batch-size': '', 'drain-timeout': ' ', 'rollback-scope': '' };

  expect(parseParameters({ ...needed, ...empty })).toEqual({
    version: '3.25.0',
    query: { name: '', labelSelector: '', taintKey: '', taintValue: '' },
    policy: { batchSize: 1, drain: null, rollbackScope: 'node' },
    verification: { pod: 'kind: Pod', namespace: 'default', timeoutMs: 180_000 },
    setValues: '',
  });
});

test('every parameter is read', () => {
  const all: Record<RunParameter, string> = {
    ...needed,
    'target-version': 'v3.25.0',
    'node-name': 'n1',
    'node-selector': 'pool=kata',
    'node-taint-key': 'maintenance',
    'node-taint-value': 'yes',
    'batch-size': '3',
    'drain-enabled': 'true',
    'drain-timeout': '5m',
    'verification-namespace': 'tests',
    'verification-timeout': '90',
    'helm-set-values': 'debug=true',
    'rollback-scope': 'run',
  };

  expect(parseParameters(all)).toEqual({
    version: '3.25.0',
    query: { name: 'n1', labelSelector: 'pool=kata', taintKey: 'maintenance', taintValue: 'yes' },
    policy: { batchSize: 3, drain: { timeoutMs: 300_000 }, rollbackScope: 'run' },
    verification: { pod: 'kind: Pod', namespace: 'tests', timeoutMs: 90_000 },
    setValues: 'debug=true',
  });
});

test.each<[RunParameter, string, string]>([
  ['target-version', '', 'the parameter target-version is refused: it is empty'],
  ['verification-pod', ' ', 'the parameter verification-pod is refused: it is empty'],
  ['batch-size', '0', 'the parameter batch-size is refused: "0" is not a whole number above 0'],
  ['batch-size', '50%', 'the parameter batch-size is refused: "50%" is not a whole number above 0'],
  ['drain-enabled', 'yes', 'the parameter drain-enabled is refused: "yes" is neither true nor false'],
  ['drain-timeout', '0s', 'the parameter drain-timeout is refused: "0s" is not a duration above 0'],
  [
    'verification-timeout',
    '1d',
    'the parameter verification-timeout is refused: "1d" is not a duration above 0',
  ],
  ['rollback-scope', 'wave', 'the parameter rollback-scope is refused: "wave" is no scope'],
])('%s "%s" is refused', (name, text, message) => {
  expect(() => parseParameters({ ...needed, [name]: text })).toThrow(message);
});
