import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { deleteUnknownDecision, recordUnknownDecision, readUnknownDecision } from './unknown-decision.ts';

const prefix = '/opt/kata';

test('deleting the record of an unknown decision leaves no trace', async () => {
  const host = new MemoryHost({ files: { '/opt/kata/state': { directory: true } } });
  const before = host.files.snapshot('/opt');

  await recordUnknownDecision(host, prefix, 'HTTP 401');
  const decision = await readUnknownDecision(host, prefix);
  await deleteUnknownDecision(host, prefix);

  expect(decision).toEqual({ since: host.now().toISOString(), reason: 'HTTP 401' });
  expect(host.files.snapshot('/opt')).toEqual(before);
  expect(await readUnknownDecision(host, prefix)).toBeUndefined();
});

test('nothing is recorded where nothing is installed', async () => {
  const host = new MemoryHost({ files: {} });

  await recordUnknownDecision(host, prefix, 'HTTP 401');

  expect(await host.files.info('/opt')).toBeUndefined();
});

test('a damaged record still counts as one', async () => {
  const host = new MemoryHost({ files: { '/opt/kata/state/undecided.json': '{"sin' } });

  expect(await readUnknownDecision(host, prefix)).toMatchObject({ reason: 'its record is damaged' });
});
