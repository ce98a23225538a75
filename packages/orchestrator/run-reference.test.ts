import { expect, test } from 'vitest';
import { formatRunReference, parseRunReference } from './run-reference.ts';

test('a reference is read as it was written', () => {
  const reference = {
    release: { namespace: 'kube-system', release: 'kata-deploy' },
    run: '20260101t000000-1a2b',
  };

  expect(formatRunReference(reference)).toBe('kube-system/kata-deploy/20260101t000000-1a2b');
  expect(parseRunReference(formatRunReference(reference))).toEqual(reference);
});

test.each([[''], ['20260101t000000-1a2b'], ['kube-system//r1'], ['a/b/c/d']])('"%s" is refused', (text) => {
  expect(() => parseRunReference(text)).toThrow(
    expect.objectContaining({ code: 'KATA_LIFECYCLE_RUN_NAME', exitCode: 2 }),
  );
});
