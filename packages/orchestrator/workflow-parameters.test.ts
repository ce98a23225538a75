import { expect, test } from 'vitest';
import { checkDeploymentMode, requireNodeName, workflowParameters } from './workflow-parameters.ts';

test('the parameters are those that the workflow documents', () => {
  expect(Object.keys(workflowParameters)).toEqual([
    ...['target-version', 'node-name', 'node-selector', 'node-taint-key', 'node-taint-value', 'batch-size'],
    ...['drain-enabled', 'drain-timeout', 'verification-pod', 'verification-namespace'],
    ...['verification-timeout', 'helm-set-values', 'rollback-scope'],
    ...['helm-release', 'helm-namespace', 'deployment-mode'],
  ]);
});

test.each([[''], [' '], ['auto'], ['daemonset']])('deployment-mode "%s" is accepted', (text) => {
  expect(() => checkDeploymentMode(text)).not.toThrow();
});

test('another deployment mode is refused', () => {
  expect(() => checkDeploymentMode('job')).toThrow(
    'the parameter deployment-mode is refused: "job" is not supported',
  );
});

test('a workflow for one node needs its name', () => {
  expect(() => requireNodeName({ 'node-name': ' ' })).toThrow(
    'the parameter node-name is refused: it is empty',
  );
  expect(() => requireNodeName({ 'node-name': 'n1' })).not.toThrow();
});
