import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { checkMachine } from './check-machine.ts';

const here = '0123456789abcdef0123456789abcdef';

test.each([
  ['no machine id is set', undefined, {}, 'passes'],
  ['the host has the id', here, { '/etc/machine-id': `${here}\n` }, 'passes'],
  [
    'the mounted file has the id',
    here,
    { '/host-machine-id': `${here}\n`, '/etc/machine-id': 'ours\n' },
    'passes',
  ],
  ['the host has another id', here, { '/etc/machine-id': 'other\n' }, `this is machine other, not ${here}`],
  ['no file has an id', here, {}, `cannot tell whether this is machine ${here}`],
])('%s', async (_, nodeMachineId, files, outcome) => {
  const host = new MemoryHost({ files });

  const done = await checkMachine(host.files, host.files, { nodeMachineId }).then(
    () => 'passes',
    (error: unknown) => String(error),
  );

  expect(done).toContain(outcome);
});
