import { expect, test } from 'vitest';
import { compareVersions } from './compare-versions.ts';

test('versions are ordered by numbers, and release candidates come before their version', () => {
  const ordered = ['3.2.0', '3.24.0-alpha0', '3.24.0-rc.2', '3.24.0-rc.10', '3.24.0', '3.24.1', '4.0.0'];

  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  expect(compareVersions('3.24.0', 'v3.24.0+build')).toBe(0);
});
