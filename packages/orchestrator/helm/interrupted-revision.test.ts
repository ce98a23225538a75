import { describe, expect, test } from 'vitest';
import { deployedRevision, revisionToRecover } from './interrupted-revision.ts';
import type { Revision } from './release.ts';

/** Revisions from 1 on, each as `status` or `status: description`. */
function history(...lines: readonly string[]): readonly Revision[] {
  return lines.map((line, i) => {
    const [status = '', description = 'Upgrade complete'] = line.split(': ');
    return { revision: i + 1, status: status as Revision['status'], description };
  });
}

const upgrading = 'pending-upgrade: Preparing upgrade';
const neverDone = 'superseded: Preparing upgrade';

describe('the revision that ends an interrupted change', () => {
  test.each<[string, readonly Revision[], number | undefined]>([
    ['an upgrade: the deployed one', history('superseded', 'deployed', upgrading), 2],
    ['a failed one does not count', history('deployed', 'failed', upgrading), 1],
    ['killed before the last write: the superseded one', history('superseded', 'superseded', upgrading), 2],
    ['one that was never completed does not count', history('superseded', neverDone, 'failed', upgrading), 1],
    ['the newest of two deployed ones', history('deployed', 'deployed', upgrading), 2],
    [
      'a rollback: where it was going',
      history('superseded', 'deployed', 'pending-rollback: Rollback to 1'),
      1,
    ],
    [
      'a rollback killed before the last write',
      history('superseded', 'superseded', 'pending-rollback: Rollback to 1'),
      1,
    ],
    [
      'a rollback to a revision that is gone',
      history('superseded', 'deployed', 'pending-rollback: Rollback to 1').slice(1),
      2,
    ],
    [
      'a rollback to a revision that had failed',
      history('failed', 'deployed', 'pending-rollback: Rollback to 1'),
      2,
    ],
    [
      'a rollback with another description',
      history('superseded', 'deployed', 'pending-rollback: manually'),
      2,
    ],
    ['an installation: none', history('pending-install: Initial install underway'), undefined],
    [
      'an installation over an uninstalled release: none',
      history('uninstalled', 'pending-install'),
      undefined,
    ],
  ])('%s', (_, revisions, expected) => {
    expect(revisionToRecover(revisions)).toBe(expected);
  });
});

test('values are those of the deployed revision, in front of newer ones that failed', () => {
  expect(deployedRevision(history('superseded', 'deployed', 'failed', 'failed'))).toBe(2);
  expect(deployedRevision(history('failed'))).toBeUndefined();
});
