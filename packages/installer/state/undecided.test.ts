import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { forgetUndecided, noteUndecided, readUndecided } from './undecided.ts';

const prefix = '/opt/kata';

test('a note is read, and forgotten without a trace', async () => {
  const host = new MemoryHost({ files: { '/opt/kata/state': { directory: true } } });
  const before = host.files.snapshot('/opt');

  await noteUndecided(host, prefix, 'HTTP 401');
  const note = await readUndecided(host, prefix);
  await forgetUndecided(host, prefix);

  expect(note).toEqual({ since: host.now().toISOString(), reason: 'HTTP 401' });
  expect(host.files.snapshot('/opt')).toEqual(before);
  expect(await readUndecided(host, prefix)).toBeUndefined();
});

test('where nothing is installed, nothing is noted', async () => {
  const host = new MemoryHost({ files: {} });

  await noteUndecided(host, prefix, 'HTTP 401');

  expect(await host.files.info('/opt')).toBeUndefined();
});

test('half a note says that there was one', async () => {
  const host = new MemoryHost({ files: { '/opt/kata/state/undecided.json': '{"sin' } });

  expect(await readUndecided(host, prefix)).toMatchObject({ reason: 'the note of it cannot be read' });
});
