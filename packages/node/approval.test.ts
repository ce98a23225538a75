import { expect, test } from 'vitest';
import { acceptedReleases, approvedRelease } from './approval.ts';

test('an approval belongs to one installation, and an empty one does not count', () => {
  const annotations = {
    'katacontainers.io/kata-approved-release': ' 3.24.0 ',
    'katacontainers.io/kata-approved-release-blue': ' ',
  };

  expect(approvedRelease({ annotations }, '')).toBe('3.24.0');
  expect(approvedRelease({ annotations }, 'blue')).toBeUndefined();
  expect(approvedRelease({ annotations: {} }, '')).toBeUndefined();
});

test('accepted ids are separated by lines or commas', () => {
  expect(acceptedReleases({ accepted: '3.24.0-aaaaaaaa\n3.25.0-bbbbbbbb, 3.26.0-cccccccc\n' })).toEqual([
    '3.24.0-aaaaaaaa',
    '3.25.0-bbbbbbbb',
    '3.26.0-cccccccc',
  ]);
  expect(acceptedReleases({})).toEqual([]);
});
