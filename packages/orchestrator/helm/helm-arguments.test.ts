import { expect, test } from 'vitest';
import {
  historyArguments,
  metadataArguments,
  rollbackArguments,
  statusArguments,
  upgradeArguments,
} from './helm-arguments.ts';

const release = { name: 'kata-deploy', namespace: 'kata' };
const chart = '/scratch/kata-deploy-3.25.0.tgz';

const line = (argv: readonly string[]): string => argv.join(' ');

test('an upgrade keeps the values, and sets only what the user gives', () => {
  const set = 'debug=true,image.tag=';
  const argv = upgradeArguments(release, chart, { kind: 'keep', set }, { isDryRun: false });

  expect(line(argv)).toBe(
    `upgrade kata-deploy ${chart} --namespace kata --reset-then-reuse-values --set ${set} --no-hooks --history-max 0 --output json`,
  );
});

test('its dry run differs only in that', () => {
  const argv = upgradeArguments(release, chart, { kind: 'keep', set: '' }, { isDryRun: true });

  expect(line(argv)).toBe(
    `upgrade kata-deploy ${chart} --namespace kata --reset-then-reuse-values --dry-run=server --no-hooks --history-max 0 --output json`,
  );
});

test('recorded values replace all others, and are not visible in the list of processes', () => {
  const argv = upgradeArguments(release, chart, { kind: 'replace' }, { isDryRun: false });

  expect(line(argv)).toBe(
    `upgrade kata-deploy ${chart} --namespace kata --reset-values --values - --no-hooks --history-max 0 --output json`,
  );
});

test('a rollback names its revision', () => {
  expect(line(rollbackArguments(release, 7))).toBe(
    'rollback kata-deploy 7 --namespace kata --no-hooks --history-max 0',
  );
});

test.each([0, -1, 1.5, Number.NaN])('there is no rollback to revision %d', (revision) => {
  expect(() => rollbackArguments(release, revision)).toThrow(TypeError);
});

test('reading', () => {
  expect([
    line(metadataArguments(release)),
    line(metadataArguments(release, 7)),
    line(statusArguments(release, 7)),
    line(historyArguments(release)),
  ]).toEqual([
    'get metadata kata-deploy --namespace kata --output json',
    'get metadata kata-deploy --namespace kata --revision 7 --output json',
    'status kata-deploy --namespace kata --revision 7 --output json',
    'history kata-deploy --namespace kata --max 100000 --output json',
  ]);
});
