import { describe, expect, test } from 'vitest';
import { isSameStatus, type NodeStatus, parseStatus, readStatus, statusChange } from './status.ts';

const key = 'katacontainers.io/kata-deploy-status';

/** As earlier versions wrote it. */
const early = {
  phase: 'installed',
  version: '3.24.0',
  release: '3.24.0-aaaaaaaa',
  reason: 'Installed',
  time: '2026-01-01T00:00:00.000Z',
};

const failed: NodeStatus = {
  ...early,
  phase: 'failed',
  reason: 'InstallFailed',
  offered: '3.25.0-bbbbbbbb',
  approved: '3.25.0',
  current: '3.24.0-aaaaaaaa',
  previous: '3.23.0-cccccccc',
  podUid: '7d0f6c3e',
  code: 'KATA_HOST_NO_SPACE',
  message: 'cannot write /opt/kata/state/journal.json',
  attempt: 3,
};

const node = (text: string) => ({ annotations: { [key]: text } });
const written = (before: string, next: NodeStatus): unknown =>
  JSON.parse(statusChange(node(before), '', next)[key] ?? '');

describe('the status annotation (issue 12.13)', () => {
  test('is read from every version', () => {
    expect(parseStatus(JSON.stringify(early))).toEqual(early);
    expect(parseStatus(JSON.stringify(failed))).toEqual(failed);
    expect(parseStatus(JSON.stringify({ ...early, phase: 'drifted', later: [1] }))).toEqual({
      ...early,
      phase: 'drifted',
    });
  });

  test.each(['', '{', 'null', '[]', '"installed"', '{"phase":"installed"}', '{"phase":1}'])(
    '%j is not a status',
    (text) => {
      expect(parseStatus(text)).toBeUndefined();
      expect(written(text, failed)).toMatchObject(failed);
    },
  );

  test('belongs to one installation', () => {
    const blue = statusChange({ annotations: {} }, 'blue', failed);

    expect(Object.keys(blue)).toEqual([`${key}-blue`]);
    expect(readStatus({ annotations: blue }, 'blue')).toEqual(failed);
    expect(readStatus({ annotations: blue }, '')).toBeUndefined();
  });

  test('changes with each attempt, and keeps its time while the outcome stays the same', () => {
    const again = { ...failed, attempt: 4, podUid: '8e1a7d4f', time: '2026-02-02T00:00:00.000Z' };

    expect(written(JSON.stringify(failed), again)).toEqual({ ...again, time: failed.time });
    expect(isSameStatus(failed, again)).toBe(true);
  });

  test('has a new time for another outcome', () => {
    const other = { ...failed, code: 'KATA_HOST_IO', time: '2026-02-02T00:00:00.000Z' };

    expect(written(JSON.stringify(failed), other)).toEqual(other);
    expect(isSameStatus(failed, other)).toBe(false);
    expect(isSameStatus(undefined, other)).toBe(false);
  });

  test('keeps the fields of a newer version, and not those of an earlier failure', () => {
    const before = JSON.stringify({ ...failed, drift: { since: 'then' } });

    expect(written(before, early)).toEqual({ ...early, drift: { since: 'then' } });
  });

  test('shortens a long message', () => {
    const long = { ...failed, message: 'x'.repeat(5000) };
    const text = statusChange(node(''), '', long)[key] ?? '';

    expect(parseStatus(text)?.message).toHaveLength(1024);
    expect(isSameStatus(parseStatus(text), long)).toBe(true);
  });
});
