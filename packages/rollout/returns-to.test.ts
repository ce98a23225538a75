import type { NodeStatus } from '@kata/node';
import { expect, test } from 'vitest';
import type { Claim } from './claim.ts';
import { type Return, returnsTo } from './returns-to.ts';
import { claimOf, releases } from './testkit/claim-of.ts';

const { before, target } = releases;
const older = '3.23.0-cccccccc';

function status(current: string | undefined, previous?: string): NodeStatus {
  return {
    ...{ phase: 'installed', reason: 'Installed', version: '', release: '', time: '' },
    ...(current === undefined ? {} : { current }),
    ...(previous === undefined ? {} : { previous }),
  };
}

const onlyVerified = { approved: null, release: target, wasCordoned: false };
const fresh = { approved: null, release: null, wasCordoned: false };

test.each<[string, Claim | undefined, NodeStatus | undefined, Return]>([
  ['after a run, to what it had before', claimOf(), status(target, older), { kind: 'to', release: before }],
  [
    'a failed rollback, whose installer has switched meanwhile, not to the failed release',
    claimOf({ phase: 'failed' }),
    status(before, target),
    { kind: 'to', release: before },
  ],
  [
    'a failed node without a release, to what it had before',
    claimOf({ phase: 'failed' }),
    status(undefined),
    { kind: 'to', release: before },
  ],
  [
    'rolled back already',
    claimOf({ phase: 'rolled-back' }),
    status(before, target),
    { kind: 'done', release: before, run: 'r1' },
  ],
  [
    'a run that only verified what the node had, to what the installer names',
    claimOf({ before: onlyVerified }),
    status(target, before),
    { kind: 'to', release: before },
  ],
  [
    'a release that was installed after the run, to what the installer names',
    claimOf(),
    status('3.26.0-dddddddd', target),
    { kind: 'to', release: target },
  ],
  [
    'without a run, to what the installer names',
    undefined,
    status(target, before),
    { kind: 'to', release: before },
  ],
  ['without an earlier release', undefined, status(target), { kind: 'none' }],
  ['had no release before the run', claimOf({ before: fresh }), status(target), { kind: 'none' }],
  ['without a status', undefined, undefined, { kind: 'none' }],
  ['never to what another installation had', claimOf({ installation: 'two' }), undefined, { kind: 'none' }],
])('%s', (_, claim, found, expected) => {
  expect(returnsTo({ claim, status: found }, '')).toEqual(expected);
});
