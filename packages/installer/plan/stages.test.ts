import { expect, test } from 'vitest';
import type { Settings } from '@kata/settings';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);

const payloads = usePayloads();

test.each<[string, Settings, Settings]>([
  ['an installation and an upgrade', both, both],
  ['an upgrade that drops a shim', both, remote],
  ['an upgrade that adds one', remote, both],
])('%s in stages has the same result as in one run', async (_, before, after) => {
  const [atOnce, staged] = [await MemoryNode.start(usualMachine), await MemoryNode.start(usualMachine)];
  for (const [settings, payload] of [
    [before, payloads.first],
    [after, payloads.second],
  ] as const) {
    await atOnce.installation(settings).install(payload);
    await staged.installation(settings).installStage(payload, 'artifacts');
    await staged.installation(settings).installStage(payload, 'cri');

    expect(staged.tree()).toEqual(atOnce.tree());
    expect(staged.served()).toBe(atOnce.served());
  }
});

test('the first stage does not change the engine, the second one changes nothing else', async () => {
  const node = await MemoryNode.start(usualMachine);
  const engine = node.host.files.snapshot('/etc');

  const { actions: ofFiles } = await node.installation(both).installStage(payloads.first, 'artifacts');
  expect(node.host.files.snapshot('/etc')).toEqual(engine);
  expect(node.served()).toBe('');
  const { actions: ofEngine } = await node.installation(both).installStage(payloads.first, 'cri');

  expect(new Set(ofFiles.map(({ kind }) => kind))).toEqual(new Set(['release.write', 'link.set']));
  expect(ofEngine.map(({ kind }) => kind)).toEqual(['file.write', 'file.write', 'engine.restart']);
});

test('the second stage of an installation is refused before the first', async () => {
  await expect(
    (await MemoryNode.start(usualMachine)).installation(both).installStage(payloads.first, 'cri'),
  ).rejects.toMatchObject({
    code: 'KATA_INSTALLER_STAGE',
    hint: 'run first: kata-deploy install-stage-artifacts',
  });
});

test('a removal in stages restores the node, and its second stage is refused before the first', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.tree();
  const installation = node.installation(both);
  await installation.install(payloads.first);
  const files = Object.keys(node.host.files.snapshot('/opt/kata/releases'));
  await expect(installation.planRemoval('remove-artifacts')).rejects.toMatchObject({
    hint: 'run first: kata-deploy cleanup-stage-revert-cri',
  });

  await installation.remove(await installation.planRemoval('revert-cri'));
  expect(node.served()).toBe('');
  expect(Object.keys(node.host.files.snapshot('/opt/kata/releases'))).toEqual(files);
  await installation.remove(await installation.planRemoval('remove-artifacts'));

  expect(node.tree()).toEqual(before);
});

test('SIGTERM stops a run after its present step, and the next run resumes there', async () => {
  const [whole, node] = [await MemoryNode.start(usualMachine), await MemoryNode.start(usualMachine)];
  await whole.installation(both).install(payloads.first);
  const stop = new AbortController();
  const done: string[] = [];
  const stopped = node.installation(both, {
    signal: stop.signal,
    emit: (event) => {
      if (event.kind === 'action.started' && event.action.kind === 'link.set') stop.abort();
      if (event.kind === 'action.done') done.push(event.action.kind);
    },
  });

  await expect(stopped.install(payloads.first)).rejects.toMatchObject({
    code: 'KATA_INSTALLER_STOPPED',
    exitCode: 143,
  });
  expect(done.filter((kind) => kind === 'link.set')).toHaveLength(1);
  await node.installation(both).install(payloads.first);

  expect(node.tree()).toEqual(whole.tree());
});

test('the progress of a release reaches all of its files', async () => {
  const node = await MemoryNode.start(usualMachine);
  const seen: (readonly [number, number, boolean])[] = [];
  await node
    .installation(both, {
      emit: (event) => {
        if (event.kind !== 'action.progress') return;
        seen.push([event.files, event.filesTotal, event.bytes === event.bytesTotal]);
      },
    })
    .install(payloads.first);

  const [files, total, hasAllBytes] = seen.at(-1) ?? [];
  expect(files).toBe(total);
  expect(hasAllBytes).toBe(true);
});
