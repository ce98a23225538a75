import { expect, test } from 'vitest';
import { startScriptedApi } from '../testkit/scripted-api.ts';
import { readLease } from './read-lease.ts';

const lease = { namespace: 'kube-system', name: 'kata-lifecycle' };
const spec = {
  holderIdentity: 'laptop-1',
  leaseDurationSeconds: 15,
  renewTime: '2026-01-01T00:00:00.000000Z',
};

test('the holder of a Lease is read', async () => {
  await using api = await startScriptedApi([{ status: 200, body: { spec } }]);

  expect(await readLease(api.connect().api, lease)).toEqual({
    holder: 'laptop-1',
    durationSeconds: 15,
    renewed: new Date('2026-01-01T00:00:00Z'),
  });
});

test.each([
  ['that was released', { status: 200, body: { spec: { ...spec, holderIdentity: undefined } } }],
  ['with an empty holder', { status: 200, body: { spec: { ...spec, holderIdentity: '' } } }],
  ['that does not exist', { status: 404 }],
])('nobody holds a Lease %s', async (_, answer) => {
  await using api = await startScriptedApi([answer]);

  expect(await readLease(api.connect().api, lease)).toBeUndefined();
});
