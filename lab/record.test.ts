import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labPlace, type LabPlace } from './lab.ts';
import { type LabRecord, listLabs, readRecord, requireRecord, writeRecord } from './record.ts';

const record: LabRecord = {
  name: 'second',
  createdAt: '2026-11-21T10:00:00.000Z',
  complete: false,
  apiPort: 40_001,
  registryPort: 40_002,
  argo: false,
  nodes: [{ name: 'n1', engine: 'containerd-2.4', index: 1 }],
};

async function makeState(): Promise<AsyncDisposable & { readonly place: LabPlace; readonly path: string }> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'lab-state-'));
  const config = { stateDirectory: directory.path, cacheDirectory: '/cache', defaultName: 'default' };
  return {
    path: directory.path,
    place: labPlace('second', config),
    [Symbol.asyncDispose]: async () => {
      await directory.remove();
    },
  };
}

test('the record is what was written last, and no other file is left', async () => {
  await using state = await makeState();

  await writeRecord(state.place, record);
  await writeRecord(state.place, { ...record, complete: true });

  expect(await readRecord(state.place)).toEqual({ ...record, complete: true });
  expect(await readdir(state.place.directory)).toEqual(['lab.json']);
});

test('a lab that does not exist has no record', async () => {
  await using state = await makeState();

  expect(await readRecord(state.place)).toBeUndefined();
  await expect(requireRecord(state.place)).rejects.toMatchObject({
    code: 'KATA_LAB_ABSENT',
    message: 'lab "second" does not exist',
    hint: 'create it: lab up --name second',
  });
});

test.each([
  { name: 'half a file', text: JSON.stringify(record).slice(0, 40) },
  { name: 'an empty file', text: '' },
  { name: 'an engine of another version', text: JSON.stringify(record).replace('2.4', '9.9') },
  { name: 'a record without nodes', text: JSON.stringify({ ...record, nodes: undefined }) },
])('$name is refused with a hint to remove the lab', async ({ text }) => {
  await using state = await makeState();
  await writeRecord(state.place, record);
  await writeFile(join(state.place.directory, 'lab.json'), text);

  await expect(readRecord(state.place)).rejects.toMatchObject({
    code: 'KATA_LAB_RECORD',
    hint: 'remove the lab: lab down --name second',
  });
});

test('labs are listed by their folders', async () => {
  await using state = await makeState();
  await writeRecord(state.place, record);
  const config = { cacheDirectory: '/cache', defaultName: 'default' };

  expect(await listLabs({ ...config, stateDirectory: state.path })).toEqual(['second']);
  expect(await listLabs({ ...config, stateDirectory: join(state.path, 'missing') })).toEqual([]);
});
