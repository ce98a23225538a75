import { expect, test } from 'vitest';
import { leaveKilledAdoptions } from '../testkit/adopting.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const payloads = usePayloads();

test('killed before any call, a node that is adopted can be left without Kata at once', async () => {
  expect(await leaveKilledAdoptions(payloads.first)).toBeGreaterThan(200);
});
