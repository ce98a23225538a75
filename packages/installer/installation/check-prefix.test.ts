/** Issue 12.17, case 12-prefix-noexec: a place that cannot be written or run from is refused before any change. */
import type { Mount } from '@kata/host';
import { expect, test, vi } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const settings = someSettings(['remote']);

const payloads = usePayloads();

const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'nothing',
    (error: unknown) => error,
  );

const noexec: Mount = { point: '/opt', options: ['rw', 'noexec'] };
const readOnly: Mount = { point: '/opt', options: ['ro'] };

test.each<[string, Mount | undefined, string]>([
  ['nothing can be run', noexec, '/opt/kata is on the mount /opt, which is noexec'],
  ['nothing can be written', readOnly, '/opt/kata is on the mount /opt, which is ro'],
  [
    'nothing of the host is mounted',
    undefined,
    '/opt/kata is in this container: nothing of the host is mounted there',
  ],
])('an installation where %s is refused, and so is its plan', async (_, mount, message) => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.tree();
  node.host.mount = mount;

  for (const work of [
    node.installation(settings).install(payloads.first),
    node.installation(settings).planInstall(payloads.first),
    node.installation(settings).installStage(payloads.first, 'artifacts'),
  ]) {
    expect(await refusal(work)).toMatchObject({ code: 'KATA_INSTALLER_PREFIX', exitCode: 3, message });
  }
  expect(node.tree()).toEqual(before);
});

test('an upgrade, a rollback and a removal of what became read-only are refused, and nothing changes', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(settings).install(payloads.first);
  await node.installation(settings).install(payloads.second);
  const before = node.tree();
  node.host.mount = readOnly;
  const installation = node.installation(settings);

  for (const work of [
    installation.install(payloads.first),
    installation.rollback(),
    installation.planRemoval(),
  ]) {
    expect(await refusal(work)).toMatchObject({ code: 'KATA_INSTALLER_PREFIX', exitCode: 3 });
  }
  expect(node.tree()).toEqual(before);
});

test('what cannot be run any more can still be removed', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.tree();
  await node.installation(settings).install(payloads.first);
  node.host.mount = noexec;
  const installation = node.installation(settings);

  await installation.remove(await installation.planRemoval());

  expect(node.tree()).toEqual(before);
});

test('it is looked at once in a run', async () => {
  const node = await MemoryNode.start(usualMachine);
  const installation = node.installation(settings);
  const asked = vi.spyOn(node.host, 'mountOf');
  for (const work of [
    async () => await installation.install(payloads.first),
    async () => await installation.installStage(payloads.second, 'artifacts'),
    async () => await installation.install(payloads.second),
    async () => await installation.rollback(),
    async () => await installation.rollback(undefined, { holds: true }),
    async () => await installation.prune(),
    async () => await installation.remove(await installation.planRemoval()),
  ]) {
    asked.mockClear();
    await work();
    expect(asked.mock.calls.filter(([path]) => path === '/opt/kata')).toHaveLength(1);
  }
});
