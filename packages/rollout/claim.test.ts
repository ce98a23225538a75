import { expect, test } from 'vitest';
import { type Claim, formatClaim, readClaim } from './claim.ts';
import { claimOf } from './testkit/claim-of.ts';

const claim: Claim = {
  run: 'r1',
  installation: '',
  epoch: 2,
  phase: 'upgrading',
  since: '2026-01-01T00:00:00.000Z',
  before: { approved: null, release: '3.24.0-aaaaaaaa', wasCordoned: false },
  target: '3.25.0-bbbbbbbb',
  podUid: 'u1',
  attempt: 3,
  lifted: [{ key: 'pool', effect: 'NoSchedule', value: 'x', timeAdded: '2026-01-01T00:00:00Z' }],
  verifications: 1,
  retries: 0,
  isFromPayload: false,
  failure: { reason: 'exit-1', message: 'it exits with 1' },
  failureBefore: null,
};

const nodeWith = (text: string): { readonly annotations: Readonly<Record<string, string>> } => ({
  annotations: { 'katacontainers.io/kata-lifecycle-claim': text },
});

test('what is written is read, with every field of a taint', () => {
  expect(readClaim(nodeWith(formatClaim(claim)))).toEqual(claim);
});

test.each(['', 'x', '{}', 'null', JSON.stringify({ ...claim, phase: 'flying' })])(
  '%s is no claim',
  (text) => {
    expect(readClaim(nodeWith(text))).toBeUndefined();
    expect(readClaim({ annotations: {} })).toBeUndefined();
  },
);

test('however many pods a drain names, the annotation stays far below the limit of 256 KiB', () => {
  const pods = Array.from(
    { length: 250 },
    (_, i) => `namespace/pod-${i} (blocked by ${'budget '.repeat(150)})`,
  );
  const failure = { reason: 'drain', message: `not drained within 300 s: ${pods.join(', ')}` };

  const text = formatClaim(claimOf({ phase: 'failed', failure, failureBefore: failure }));

  expect(Buffer.byteLength(text)).toBeLessThan(10_000);
  const read = readClaim(nodeWith(text));
  expect(read?.failure?.message).toMatch(/^not drained within 300 s: namespace\/pod-0 .*…$/);
  expect(read === undefined ? '' : formatClaim(read)).toBe(text);
});
