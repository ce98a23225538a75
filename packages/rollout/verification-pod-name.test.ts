import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verificationPodName } from './verification-pod-name.ts';

test.each([
  ['worker-1', 'kata-verify-worker-1-c0e9a81859'],
  [
    'ip-10-0-0-7.eu-central-1.compute.internal',
    'kata-verify-ip-10-0-0-7-eu-central-1-compute-interna-b8dc231851',
  ],
  ['_', 'kata-verify-8a5779e806'],
])('on %s', (node, expected) => {
  expect(verificationPodName(node, 'r1', 1)).toBe(expected);
});

test('is a DNS label, the same for the same attempt, and different for every other one', () => {
  const words = fc.constantFrom('a', 'a-1', 'a.1', '1', '1-1', 'x'.repeat(80), `${'x'.repeat(80)}y`);
  const attempt = fc.tuple(fc.oneof(words, fc.string()), fc.oneof(words, fc.string()), fc.nat(20));
  fc.assert(
    fc.property(attempt, attempt, (one, other) => {
      const [name, otherName] = [verificationPodName(...one), verificationPodName(...other)];

      expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
      expect(name === otherName).toBe(JSON.stringify(one) === JSON.stringify(other));
      expect(verificationPodName(...one)).toBe(name);
    }),
  );
});
