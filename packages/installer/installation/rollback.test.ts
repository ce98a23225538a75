import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import type { InstallerEvent } from '../apply/events.ts';
import { killedBeforeCalls } from '../testkit/killed-nodes.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const sandbox = '/run/vc/sbs/0123456789abcdef';
const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);

const payloads = usePayloads();

async function upgradedNode(before = both, after = both): Promise<MemoryNode> {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(before).install(payloads.first);
  await node.installation(after).install(payloads.second);
  return node;
}

async function read(node: MemoryNode, path: HostPath): Promise<string | undefined> {
  return (await node.host.files.read(path))?.toString();
}

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('a rollback', () => {
  test('switches to the previous release with one link, and a second rollback switches back', async () => {
    const node = await upgradedNode();
    const before = await node.installation(both).readFacts();

    const done = await node.installation(both).rollback();

    expect(done).toMatchObject({ release: before.record?.previous, version: '3.24.0', dropped: [] });
    const changes = done.plan.actions.filter(({ kind }) => kind !== 'engine.restart');
    expect(changes.map(({ kind }) => kind)).toEqual(['link.set']);
    expect(node.served()).toBe('kata-qemu-snp by shim 3.24.0, kata-remote by shim 3.24.0');
    expect((await node.installation(both).readFacts()).record).toMatchObject({
      current: before.record?.previous,
      previous: before.record?.current,
    });

    expect((await node.installation(both).rollback()).version).toBe('3.25.0');
    expect(await read(node, '/opt/kata/VERSION')).toBe('3.25.0\n');
  });

  test('serves the handlers of that release, whatever the settings are now', async () => {
    const node = await upgradedNode(both, remote);

    const { handlers } = await node.installation(remote).rollback();

    expect(handlers.map(({ name }) => name)).toEqual(['kata-qemu-snp', 'kata-remote']);
    expect(node.served()).toBe('kata-qemu-snp by shim 3.24.0, kata-remote by shim 3.24.0');
  });

  test('to the active release does nothing', async () => {
    const node = await upgradedNode();

    expect((await node.installation(both).rollback('3.25.0')).plan.actions).toEqual([]);
  });

  test('to the recorded release finishes an interrupted run whose link is older than the record (issue 12.13)', async () => {
    const node = await upgradedNode();
    const { record } = await node.installation(both).readFacts();
    const { current, previous } = record ?? {};
    await node.host.files.setLink('/opt/kata/current', `releases/${previous}`);

    const { plan } = await node.installation(both).rollback(current ?? undefined);

    expect(plan.actions.map(({ kind }) => kind)).toContain('link.set');
    expect(node.served()).toBe('kata-qemu-snp by shim 3.25.0, kata-remote by shim 3.25.0');
    expect((await node.installation(both).readFacts()).record).toMatchObject({ current, previous });
  });

  test.each([
    ['a rollback', async (node: MemoryNode, to: string) => await node.installation(remote).rollback(to)],
    ['an installation', async (node: MemoryNode) => await node.installation(both).install(payloads.second)],
  ])('%s renews files that its release retained for earlier sandboxes', async (_, goBack) => {
    const debug = someSettings(['qemu-snp', 'remote'], { debug: true });
    const node = await MemoryNode.start(usualMachine);
    await node.installation(debug).install(payloads.first);
    await node.host.files.makeDirectory(sandbox);
    const target = await node.installation(both).install(payloads.second);
    await node.host.files.removeTree(sandbox);
    await node.installation(remote).install(payloads.second);
    await node.installation(both).rollback(target.release);
    const { release } = await node.installation(debug).install(payloads.second);
    await node.host.files.makeDirectory(sandbox);
    const site = '/opt/kata/share/defaults/kata-containers/custom-runtimes/kata-qemu-snp-debug/config.d';
    const before = await read(node, `${site}/10-installation-prefix.toml`);

    await goBack(node, target.release);

    expect(before).toContain(release);
    expect(await read(node, `${site}/10-installation-prefix.toml`)).toBe(before);
    expect(node.served()).toContain('kata-qemu-snp-debug by shim 3.25.0');
  });

  test('keeps handlers that the target does not have while sandboxes are running, with shim and configuration', async () => {
    const rust = someSettings(['qemu-snp-runtime-rs']);
    const node = await upgradedNode(rust, both);
    node.host.files.seed(sandbox, { directory: true });

    const { plan, handlers, dropped } = await node.installation(both).rollback();

    expect(handlers.map(({ name }) => name)).toEqual(['kata-qemu-snp-runtime-rs']);
    expect(dropped.map(({ name }) => name)).toEqual(['kata-qemu-snp', 'kata-remote']);
    expect(plan.notes).toEqual([
      expect.stringMatching(
        /^kata-qemu-snp, kata-remote stay while Kata pods are running: release 3\.24\.0-/,
      ),
    ]);
    expect(node.served()).toBe(
      'kata-qemu-snp by shim 3.25.0, kata-qemu-snp-runtime-rs by shim 3.24.0, kata-remote by shim 3.25.0',
    );

    await node.host.files.removeTree(sandbox);
    await node.installation(both).rollback('3.24.0');
    expect(node.served()).toBe('kata-qemu-snp-runtime-rs by shim 3.24.0');
  });

  test('that is killed at any call but the last is completed when it is run again without a target', async () => {
    const start = await upgradedNode();
    const back = async (node: MemoryNode): Promise<unknown> => await node.installation(both).rollback();
    const version = async (node: MemoryNode): Promise<unknown> => await read(node, '/opt/kata/VERSION');
    const complete: string[] = [];
    let resumed = 0;
    for await (const { node, at } of killedBeforeCalls(start, back)) {
      const isOpen = node.tree()['/opt/kata/state/journal.json'] !== undefined;
      if (!isOpen && (await version(node)) === '3.24.0\n') {
        // The next rollback goes back to 3.25.0, as after one that was not killed: no file tells them apart.
        complete.push(at);
        continue;
      }
      if (isOpen) resumed += 1;
      await back(node);
      expect(await version(node), at).toBe('3.24.0\n');
    }
    expect(complete).toEqual([expect.stringMatching(/^killed before call \d+, sync \/opt\/kata\/state$/)]);
    expect(resumed).toBeGreaterThan(30);
  });

  test('reports the progress of the comparison', async () => {
    const node = await upgradedNode();
    const events: InstallerEvent[] = [];

    await node.installation(both, { emit: (event) => events.push(event) }).rollback();

    const compared = events.flatMap((event) => (event.kind === 'task.done' ? [event.detail] : []));
    expect(compared).toEqual([expect.stringMatching(/^(\d+) of \1 files$/)]);
  });
});

describe('a rollback is refused', () => {
  test('when there is no previous release', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).install(payloads.first);

    expect(await codeOf(node.installation(both).rollback())).toMatchObject({
      code: 'KATA_ROLLBACK_NONE',
      message: 'there is no release to roll back to',
      exitCode: 3,
    });
  });

  test('to a release that is not in the store', async () => {
    const node = await upgradedNode();

    expect(await codeOf(node.installation(both).rollback('3.1.0-01234567'))).toMatchObject({
      code: 'KATA_ROLLBACK_NONE',
      message: 'there is no release 3.1.0-01234567 in the store',
      hint: expect.stringMatching(/^releases in the store: 3\.24\.0-[0-9a-f]{8}, 3\.25\.0-[0-9a-f]{8}$/),
    });
  });

  test.each([
    ['share/image', 'share/image of component rootfs-image-confidential is missing'],
    ['manifest.json', 'has no manifest'],
  ])(
    'to the active release without %s: nothing is switched, so the message names the damage',
    async (file, what) => {
      const node = await upgradedNode();
      const id = (await node.installation(both).readFacts()).record?.current ?? '';
      await node.host.files.remove(`/opt/kata/releases/${id}/${file}`);

      const pattern = new RegExp(`^the active release ${id} is damaged: .*${what}$`);
      expect(await codeOf(node.installation(both).rollback(id))).toMatchObject({
        code: 'KATA_ROLLBACK_DAMAGED',
        message: expect.stringMatching(pattern),
        hint: 'with the image of version 3.25.0, run: kata-deploy install --once --repair',
      });
    },
  );

  test.each([
    ['missing', undefined, 'share/image of component rootfs-image-confidential is missing'],
    ['of another size', 'x', 'share/image of component rootfs-image-confidential: size is 1 instead of 12'],
    ['of other content', 'Image 3.24.0', 'share/image of component rootfs-image-confidential: content is'],
  ])('when a file of it is %s, and nothing changes', async (_, content, message) => {
    const node = await upgradedNode();
    const id = (await node.installation(both).readFacts()).record?.previous ?? '';
    const path: HostPath = `/opt/kata/releases/${id}/share/image`;
    if (content === undefined) await node.host.files.remove(path);
    else await node.host.files.write(path, Buffer.from(content));
    const before = node.tree();

    expect(await codeOf(node.installation(both).rollback())).toMatchObject({
      code: 'KATA_ROLLBACK_DAMAGED',
      message: expect.stringContaining(`cannot switch to release ${id}: ${message}`),
      exitCode: 7,
    });
    expect(node.tree()).toEqual(before);
  });

  test.each([
    ['manifest.json', 'is damaged'],
    [
      'share/defaults/kata-containers/runtimes/qemu-snp/configuration-qemu-snp.toml',
      'configuration-qemu-snp.toml of component configuration is missing',
    ],
  ])('when %s of it is damaged', async (file, message) => {
    const node = await upgradedNode();
    const id = (await node.installation(both).readFacts()).record?.previous ?? '';
    const path: HostPath = `/opt/kata/releases/${id}/${file}`;
    if (file === 'manifest.json') await node.host.files.write(path, Buffer.from('{'));
    else await node.host.files.remove(path);

    expect(await codeOf(node.installation(both).rollback())).toMatchObject({
      code: 'KATA_ROLLBACK_DAMAGED',
      message: expect.stringContaining(message),
    });
  });
});

describe('releases', () => {
  test('are listed with their size and the sandboxes that need them', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(remote).install(payloads.first);
    node.host.files.seed(sandbox, { directory: true });
    await node.installation(both).install(payloads.first);
    await node.installation(both).install(payloads.second);

    const listed = await node.installation(both).listReleases();

    expect(listed.map(({ version, role, sandboxes }) => [version, role, sandboxes])).toEqual(
      expect.arrayContaining([
        ['3.24.0', null, ['0123456789abcdef']],
        ['3.24.0', 'rollback target', ['0123456789abcdef']],
        ['3.25.0', 'current', ['0123456789abcdef']],
      ]),
    );
    for (const { ownBytes, sharedBytes } of listed) {
      expect(ownBytes).toBeGreaterThan(1000);
      expect(sharedBytes).toBeGreaterThan(0);
    }
  });

  test('are pruned when their sandboxes have ended, except the current one and the rollback target', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(remote).install(payloads.first);
    node.host.files.seed(sandbox, { directory: true });
    await node.installation(both).install(payloads.first);
    await node.installation(both).install(payloads.second);
    expect((await node.installation(both).planPrune()).actions).toEqual([]);
    await node.host.files.removeTree(sandbox);

    const { actions } = await node.installation(both).prune();

    expect(actions.map(({ kind }) => kind)).toEqual(['release.remove']);
    const { record, releases } = await node.installation(both).readFacts();
    expect([...releases.keys()]).toEqual([record?.previous, record?.current]);
    expect(Object.keys(record?.handlersByRelease ?? {}).toSorted()).toEqual([...releases.keys()]);
    expect((await node.installation(both).rollback()).version).toBe('3.24.0');
  });

  test('are not pruned while another command is unfinished', async () => {
    const node = await upgradedNode();
    await node.installation(both).installStage(payloads.first, 'artifacts');

    expect(await codeOf(node.installation(both).prune())).toMatchObject({
      code: 'KATA_PRUNE_UNFINISHED',
      hint: 'finish it first, run: kata-deploy install',
    });
  });
});

test('pruning a node without an installation leaves nothing behind', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.tree();

  await node.installation(both).prune();

  expect(node.tree()).toEqual(before);
});
