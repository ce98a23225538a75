// Issue 12.8: a removal waits only for sandboxes of this installation.
import { expect, test } from 'vitest';
import type { Installation } from './installation.ts';
import { type EngineSandbox, runningOf } from '../facts/sandboxes.ts';
import { describeNoAction, planRemoval } from '../plan/plan-removal.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);
const id = '0123456789abcdef';

const payloads = usePayloads();

function of(handler: string, more: Partial<EngineSandbox> = {}): EngineSandbox {
  const pod = { uid: `uid-of-${id}`, namespace: 'default', name: 'web' };
  return { id, handler, ...pod, isRunning: true, ...more };
}

function seen(node: MemoryNode, sandboxes: readonly EngineSandbox[], settings = both): Installation {
  return node.installation(settings, { sandboxes: async (handlers) => runningOf(sandboxes, handlers) });
}

async function waitsFor(installation: Installation): Promise<readonly string[]> {
  return (await installation.planRemoval()).plan.waitingFor;
}

test.each<[string, EngineSandbox, readonly string[]]>([
  ['for one of this installation', of('kata-remote'), [id]],
  ['not for a stopped one, of a completed pod', of('kata-remote', { isRunning: false }), []],
  ['not for one of another installation', of('kata-remote-blue'), []],
  ['not for one of another runtime', of('runc'), []],
])('a removal waits for running sandboxes: %s', async (_, sandbox, waiting) => {
  const node = await MemoryNode.start(usualMachine);
  await seen(node, []).install(payloads.first);
  // A trace does not show its installation.
  node.host.files.seed(`/run/vc/sbs/${sandbox.id}`, { directory: true });

  expect(await waitsFor(seen(node, [sandbox]))).toEqual(waiting);
});

test('a removal that waits names the pods, and what it removes once they have ended', async () => {
  const node = await MemoryNode.start(usualMachine);
  await seen(node, []).install(payloads.first);
  const free = (await seen(node, []).planRemoval()).plan;

  const { plan } = await seen(node, [of('kata-remote')]).planRemoval();

  expect(plan.notes).toEqual([
    'cleanup pending: 1 Kata pods are still running (default/web); files and handlers stay for them',
  ]);
  expect(plan.actions).toEqual([]);
  expect(plan.later).toEqual(free.actions);
  expect(describeNoAction(plan)).toBe(
    'Nothing is removed now. When the Kata pods have ended, a removal does this:',
  );
  expect(free.later).toEqual([]);
});

test('a removal in stages that waits names what the stage does once the pods have ended', async () => {
  const node = await MemoryNode.start(usualMachine);
  await seen(node, []).install(payloads.first);
  const waiting = seen(node, [of('kata-remote')]);
  const all = (await waiting.planRemoval()).plan.later.map(({ kind }) => kind);

  const revert = (await waiting.planRemoval('revert-cri')).plan.later.map(({ kind }) => kind);
  const remove = (await waiting.planRemoval('remove-artifacts')).plan.later.map(({ kind }) => kind);

  expect(revert).toContain('engine.restart');
  expect(remove).toContain('installation.remove');
  expect([...revert, ...remove].toSorted()).toEqual(all.toSorted());
});

test('a removal still waits for pods where it is unknown what it will remove', async () => {
  const node = await MemoryNode.start(usualMachine);
  await seen(node, []).install(payloads.first);
  const facts = await seen(node, [of('kata-remote')]).readKnownFacts();
  const engine = { ...facts.engine, kind: 'docker' } as typeof facts.engine;

  const plan = planRemoval('/opt/kata', { ...facts, engine });

  expect(plan).toMatchObject({ waitingFor: [id], actions: [], later: [] });
  expect(plan.notes).toContain(
    'what is removed then is unknown: docker is not yet supported by this version',
  );
  expect(describeNoAction(plan)).toBe('Nothing is removed now.');
});

// Issue 12.5: such a handler is kept, and so are the files that its sandboxes need.
test('issue 12.8: a sandbox of a foreign handler that starts our shim counts, and the handler is kept', async () => {
  const node = await MemoryNode.start(usualMachine);
  await seen(node, []).install(payloads.first);
  const main = '/etc/containerd/config.toml';
  const text = (await node.host.files.read(main))?.toString() ?? '';
  const [, plugin = ''] = /plugins\.["']([^"']+)["']/.exec(Object.values(node.tree()).join('\n')) ?? [];
  const foreign = `\n[plugins."${plugin}".containerd.runtimes.special]\nruntime_type = "io.containerd.kata.v2"\nruntime_path = "/opt/kata/bin/containerd-shim-kata-v2"\n`;
  await node.host.files.write(main, Buffer.from(`${text}${foreign}`));

  expect(await waitsFor(seen(node, [of('special')]))).toEqual([id]);
  expect(
    await waitsFor(
      seen(
        node,
        [of('special')].map((each) => ({ ...each, isRunning: false })),
      ),
    ),
  ).toEqual([]);
  await seen(node, []).remove(await seen(node, []).planRemoval());
  expect((await node.host.files.read(main))?.toString()).toContain(foreign);
});

test('a handler that an earlier run recorded still counts when it is no longer wanted', async () => {
  const node = await MemoryNode.start(usualMachine);
  await seen(node, []).install(payloads.first);

  expect(await waitsFor(seen(node, [of('kata-qemu-snp')], remote))).toEqual([id]);
});

// Case 07-leaked-sandbox-trace, and its variant with an upgrade.
test('a left-over trace of a sandbox delays neither a removal nor the removal of an old release', async () => {
  const node = await MemoryNode.start(usualMachine);
  const { release: old } = await seen(node, [of('kata-remote')], remote).install(payloads.first);
  node.host.files.seed(`/run/vc/sbs/${id}`, { directory: true });
  await seen(node, [of('kata-remote')]).install(payloads.first);
  await seen(node, [of('kata-remote')]).install(payloads.second);
  expect((await seen(node, [of('kata-remote')]).readFacts()).releases.has(old)).toBe(true);

  await seen(node, []).prune();

  expect((await seen(node, []).readFacts()).releases.has(old)).toBe(false);
  const { plan } = await seen(node, []).planRemoval();
  expect(plan.waitingFor).toEqual([]);
  expect(plan.notes).toEqual([expect.stringMatching(`rm -r /run/vc/sbs/${id}$`)]);
});

test.each<[string, () => Partial<Parameters<MemoryNode['installation']>[1]>]>([
  ['by its trace', () => ({})],
  [
    'by the uid of its pod',
    () => ({
      sandboxes: async () => ({
        running: [{ id: `uid-of-${id}`, handler: 'kata-remote', podUid: `uid-of-${id}` }],
        allIds: undefined,
      }),
    }),
  ],
])(
  'a release that is no longer current is kept for a sandbox that was identified then %s',
  async (_, before) => {
    const node = await MemoryNode.start(usualMachine);
    node.host.files.seed(`/run/vc/sbs/${id}`, { directory: true });
    const { release: old } = await node.installation(remote, before()).install(payloads.first);
    await node.installation(both, before()).install(payloads.first);
    await node.installation(both, before()).install(payloads.second);

    await seen(node, [of('kata-remote')]).install(payloads.second);

    expect((await seen(node, [of('kata-remote')]).readFacts()).releases.has(old)).toBe(true);
  },
);

test('issue 12.6: dropping a shim in use restarts nothing until its pod has ended', async () => {
  const node = await MemoryNode.start(usualMachine);
  await seen(node, []).install(payloads.first);
  const running = [of('kata-qemu-snp')];

  await seen(node, running, remote).install(payloads.first);
  const again = await seen(node, running, remote).planInstall(payloads.first);

  expect([node.restarts, again.actions]).toEqual([1, []]);
  expect(node.served()).toContain('kata-qemu-snp');
  await seen(node, [], remote).install(payloads.first);
  expect(node.host.units.restarts).toHaveLength(2);
  expect(node.served()).not.toContain('kata-qemu-snp');
});

// Found by the soak: the final check failed, and the next run removed the release while the pod was running.
test('issue 12.10: a release is kept for a pod that started while a retained handler named it, also when that handler is dropped', async () => {
  const node = await MemoryNode.start(usualMachine);
  const retaining = of('kata-qemu-snp');
  const later = of('kata-remote', { id: 'fedcba9876543210', uid: 'uid-of-later' });
  const { release: oldest } = await seen(node, []).install(payloads.first);
  await seen(node, [retaining], remote).install(payloads.second);

  await seen(node, [later], both).install(payloads.second);

  const store = async (): Promise<readonly string[]> => await node.host.files.list('/opt/kata/releases');
  expect(await store()).toContain(oldest);
  expect((await seen(node, [later]).planInstall(payloads.second)).actions).toEqual([]);
  await seen(node, []).install(payloads.second);
  expect(await store()).not.toContain(oldest);
});
