import type { NodeStatus } from '@kata/node';
import { expect, test } from 'vitest';
import type { Claim } from './claim.ts';
import { type ExpectedRelease, foreseeNode, type Prospect } from './foresee-node.ts';
import { claimOf, releases } from './testkit/claim-of.ts';

const { before, target } = releases;
const installed: NodeStatus = { phase: 'installed', reason: 'Installed', version: '', release: '', time: '' };
const upgrade: ExpectedRelease = { version: '3.25.0', isOffered: false, hasOtherValues: false };

function foresee(
  current: string | undefined,
  expected: Partial<ExpectedRelease> = {},
  claim?: Claim,
  others: Partial<NodeStatus> = {},
): Prospect {
  const status = { ...installed, ...others, ...(current === undefined ? {} : { current }) };
  return foreseeNode({ claim, status, approved: claim?.target ?? undefined }, { ...upgrade, ...expected });
}

test('a node is upgraded unless it has the target', () => {
  expect(foresee(undefined)).toBe('install');
  expect(foresee(before)).toBe('upgrade');
  expect(foresee(target)).toBe('verify');
  expect(foresee(target, {}, claimOf())).toBe('right');
});

test('with other values the same version is another release', () => {
  expect(foresee(target, { hasOtherValues: true }, claimOf())).toBe('upgrade');
});

test('when Helm changes nothing, what the installer offers is the target', () => {
  const other = '3.25.0-eeeeeeee';
  expect(foresee(target, { isOffered: true }, claimOf(), { offered: other })).toBe('upgrade');
  expect(foresee(target, { isOffered: true }, claimOf(), { offered: target })).toBe('right');
});

test('a node whose run failed, or that serves nothing now, is verified again', () => {
  expect(foresee(target, {}, claimOf({ phase: 'failed' }))).toBe('verify');
  expect(foresee(target, {}, claimOf(), { phase: 'drifted' })).toBe('verify');
});
