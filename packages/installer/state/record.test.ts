import { KataError } from '@kata/core';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const recordFile = '/opt/kata/state/ownership.json';
const journalFile = '/opt/kata/state/journal.json';
const both = someSettings(['qemu-snp', 'remote']);

const payloads = usePayloads();

async function installedNode(): Promise<MemoryNode> {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  return node;
}

async function readText(node: MemoryNode): Promise<string> {
  return (await node.host.files.read(recordFile))?.toString() ?? '';
}

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => error,
  );

const commands: readonly [string, (node: MemoryNode) => Promise<unknown>][] = [
  ['install', async (node) => await node.installation(both).install(payloads.second)],
  ['plan', async (node) => await node.installation(both).planInstall(payloads.second)],
  ['rollback', async (node) => await node.installation(both).rollback()],
  ['prune', async (node) => await node.installation(both).prune()],
  ['removal', async (node) => await node.installation(both).planRemoval()],
  ['list', async (node) => await node.installation(both).listReleases()],
];

describe('a record that was written by a newer version (issue 12.16)', () => {
  test('keeps unknown fields at every level through an upgrade and a rollback', async () => {
    const node = await installedNode();
    const record = JSON.parse(await readText(node)) as Record<string, object> & {
      handlers: object[];
      files: object[];
    };
    const newer = {
      ...record,
      later: { than: 'this' },
      engine: { ...record['engine'], cgroups: 'systemd' },
      handlers: record.handlers.map((handler) => ({ ...handler, class: 'kata' })),
      files: record.files.map((file) => ({ ...file, label: 'container_file_t' })),
    };
    await node.host.files.write(recordFile, Buffer.from(JSON.stringify(newer)));

    await node.installation(both).install(payloads.second);
    await node.installation(both).rollback();

    const [handler] = newer.handlers;
    expect(JSON.parse(await readText(node))).toMatchObject({
      later: { than: 'this' },
      engine: { cgroups: 'systemd' },
      handlers: [handler, expect.objectContaining({ class: 'kata' })],
      files: newer.files.map(() => expect.objectContaining({ label: 'container_file_t' })),
    });
  });

  test.each(commands)('is refused by %s when its schema is too new', async (_, command) => {
    const node = await installedNode();
    const record = JSON.parse(await readText(node)) as object;
    await node.host.files.write(recordFile, Buffer.from(JSON.stringify({ ...record, schema: 2 })));
    const before = node.tree();

    const error = await errorOf(command(node));

    expect(error).toBeInstanceOf(KataError);
    expect(error).toMatchObject({
      code: 'KATA_INSTALLER_RECORD_NEWER',
      message: `the ownership record ${recordFile} was written by a newer kata-deploy (schema 2)`,
      hint: 'use that version of kata-deploy, or a newer one',
      exitCode: 3,
    });
    expect(node.tree()).toEqual(before);
  });
});

describe.each([
  { what: 'record', file: recordFile, code: 'KATA_INSTALLER_RECORD' },
  { what: 'journal', file: journalFile, code: 'KATA_INSTALLER_JOURNAL' },
] as const)('a damaged $what (issue 12.16)', ({ file, code }) => {
  test.each(['', '{', '{}', 'null', '[{"step":"one"}]'])('is refused with its path: %j', async (text) => {
    const node = await installedNode();
    await node.host.files.write(file, Buffer.from(text));
    const before = node.tree();

    for (const [, command] of commands) {
      expect(await errorOf(command(node))).toMatchObject({ code, exitCode: 3, details: { file } });
    }
    expect(node.tree()).toEqual(before);
  });
});
