import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import { describeProgress } from '@kata/report';
import { asProgress, type InstallerEvent } from '../apply/events.ts';
import type { OwnershipRecord } from '../state/record.ts';
import { type Machine, MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { upstreamNode } from '../testkit/upstream-node.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const state = '/opt/kata/state';
const recordFile = `${state}/ownership.json` as const;
const both = someSettings(['qemu-snp', 'remote']);

const payloads = usePayloads();

const machines: readonly Machine[] = ['2.2.1', '1.7.30'].map((version) => ({
  ...usualMachine,
  name: `containerd ${version}`,
  version,
}));

async function upgradedNode(machine = usualMachine): Promise<MemoryNode> {
  const node = await MemoryNode.start(machine);
  await node.installation(both).install(payloads.first);
  node.host.advance(60_000);
  await node.installation(both).install(payloads.second);
  return node;
}

async function readRecordOf(node: MemoryNode): Promise<OwnershipRecord> {
  return JSON.parse((await node.host.files.read(recordFile))?.toString() ?? '{}') as OwnershipRecord;
}

async function remove(node: MemoryNode): Promise<void> {
  await node.remove(both);
}

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => error,
  );

const losses: readonly [string, HostPath][] = [
  ['the record', recordFile],
  ['the whole state', state],
];

describe.each(machines)('a lost record (issue 12.16), $name', (machine) => {
  test.each(losses)('%s: a removal leaves the node as before the installation', async (_, path) => {
    const before = (await MemoryNode.start(machine)).tree();
    const node = await upgradedNode(machine);
    await node.host.files.removeTree(path);

    await remove(node);

    expect(node.served()).toBe('');
    expect(node.tree()).toEqual(before);
  });

  test.each(losses)(
    '%s: the next installation changes nothing else and rebuilds the record',
    async (_, path) => {
      const node = await upgradedNode(machine);
      const known = await readRecordOf(node);
      const served = node.served();
      await node.host.files.removeTree(path);

      const { plan } = await node.installation(both).install(payloads.second);

      expect(plan.actions).toEqual([]);
      expect(node.served()).toBe(served);
      const byPath = (record: OwnershipRecord): OwnershipRecord['files'] =>
        record.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
      const rebuilt = await readRecordOf(node);
      expect(byPath(rebuilt)).toEqual(byPath(known));
      const { current, previous, handlers, directories } = known;
      expect(rebuilt).toMatchObject({ current, previous, handlers, directories });
    },
  );

  test('a hold is lost with it, and the next installation reports how to hold the node again', async () => {
    const node = await upgradedNode(machine);
    const { release } = await node.installation(both).rollback(undefined, { holds: true });
    await node.host.files.remove(recordFile);
    const messages: string[] = [];
    const emit = (event: InstallerEvent): unknown => messages.push(describeProgress(asProgress(event)));

    await node.installation(both, { emit }).install(payloads.second);

    expect(messages[0]).toBe(
      `/opt/kata: the ownership record was lost and is rebuilt from the files on the node; if the node was held, the hold is lost, too: to hold the node again, run: kata-deploy rollback --to ${release} --hold`,
    );
  });

  test('a rollback to the previous release still works', async () => {
    const node = await upgradedNode(machine);
    await node.host.files.removeTree(state);

    await node.installation(both).rollback();

    expect(node.served()).toContain('kata-remote');
    expect((await node.host.files.read('/opt/kata/VERSION'))?.toString()).toBe('3.24.0\n');
  });

  test('reading the facts and planning change nothing, and find the installation', async () => {
    const node = await upgradedNode(machine);
    await node.host.files.removeTree(state);
    const before = node.tree();

    const facts = await node.installation(both).readFacts();
    const removal = await node.installation(both).planRemoval();
    const plan = await node.installation(both).planInstall(payloads.second);

    expect(facts.isRecordRebuilt).toBe(true);
    expect(facts.record?.handlers.map(({ name }) => name)).toEqual(['kata-qemu-snp', 'kata-remote']);
    const { current } = facts.record ?? {};
    for (const { notes } of [removal.plan, plan]) {
      expect(notes).toEqual([
        `the ownership record is lost; it is derived from the files on the node until the next change of the installation, or "kata-deploy recover", writes it again; if the node was held, the hold is lost, too: to hold the node again, run: kata-deploy rollback --to ${String(current)} --hold`,
      ]);
    }
    expect(removal.plan.actions.at(-1)?.kind).toBe('installation.remove');
    expect(plan.actions).toEqual([]);
    expect(node.tree()).toEqual(before);
  });

  test('a removal after the installation was deleted manually cleans the engine configuration', async () => {
    const before = (await MemoryNode.start(machine)).tree();
    const node = await upgradedNode(machine);
    await node.host.files.removeTree('/opt/kata');

    await remove(node);

    expect(node.tree()).toEqual(before);
  });
});

test('a foreign directory in the place of a link is refused by name', async () => {
  const node = await upgradedNode();
  await node.host.files.removeTree(state);
  await node.host.files.remove('/opt/kata/share');
  node.host.files.seed('/opt/kata/share/mine', 'mine');
  const before = node.tree();

  for (const work of [remove(node), node.installation(both).install(payloads.second)]) {
    expect(await errorOf(work)).toMatchObject({
      code: 'KATA_INSTALLER_RECORD_LOST',
      message: expect.stringContaining('/opt/kata contains share, which may be foreign') as string,
      exitCode: 3,
    });
  }
  expect(node.tree()).toEqual(before);
});

test('an installation of upstream has no record and is adopted as before', async () => {
  const node = await MemoryNode.start(upstreamNode('2.2'));

  expect((await node.installation(both).readFacts()).record).toBeUndefined();
  await node.installation(both).install(payloads.first);
  expect((await readRecordOf(node)).adopted).toBeDefined();
});

describe('recover (issue 12.16)', () => {
  test('rebuilds a damaged record and keeps the damaged one', async () => {
    const node = await upgradedNode();
    const known = await readRecordOf(node);
    await node.host.files.write(recordFile, Buffer.from('{'));

    const { isRebuilt, aside } = await node.installation(both).recover();

    expect({ isRebuilt, aside }).toEqual({ isRebuilt: true, aside: [`${state}/ownership.damaged.json`] });
    expect((await node.host.files.read(`${state}/ownership.damaged.json`))?.toString()).toBe('{');
    expect(await readRecordOf(node)).toMatchObject({ current: known.current, previous: known.previous });
    await node.installation(both).install(payloads.second);
  });

  test('replaces a damaged journal with a note of an interrupted run, which the next run finishes', async () => {
    const node = await upgradedNode();
    await node.host.files.write(`${state}/journal.json`, Buffer.from('['));

    const { isRebuilt, aside } = await node.installation(both).recover();

    expect({ isRebuilt, aside }).toEqual({ isRebuilt: false, aside: [`${state}/journal.damaged.json`] });
    expect((await node.installation(both).readFacts()).unfinished).toContain(
      'a run whose journal was damaged',
    );
    await node.installation(both).install(payloads.second);
    expect((await node.installation(both).readFacts()).unfinished).toBeUndefined();
  });

  test('changes nothing when record and journal are valid, or nothing is installed', async () => {
    const bare = await MemoryNode.start(usualMachine);
    const [sound, empty] = [await upgradedNode(), bare.tree()];
    const before = sound.tree();

    expect(await sound.installation(both).recover()).toMatchObject({ isRebuilt: false, aside: [] });
    expect(await bare.installation(both).recover()).toEqual({
      record: undefined,
      isRebuilt: false,
      aside: [],
    });
    expect([sound.tree(), bare.tree()]).toEqual([before, empty]);
  });
});
