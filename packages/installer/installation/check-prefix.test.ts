/** Issue 12.17, case 12-prefix-noexec: a prefix on a read-only or noexec mount is refused before any change. */
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

const noexec: Mount = { point: '/opt', device: '/dev/vdb', options: ['rw', 'noexec'] };
const readOnly: Mount = { point: '/opt', device: '/dev/vdb', options: ['ro'] };

test.each<[string, Mount | undefined, string]>([
  ['the mount is noexec', noexec, '/opt/kata is on the mount /opt, which is noexec'],
  ['the mount is read-only', readOnly, '/opt/kata is on the mount /opt, which is ro'],
  [
    'no directory of the host is mounted',
    undefined,
    '/opt/kata is in this container: nothing of the host is mounted there',
  ],
])('an installation and its plan are refused when %s', async (_, mount, message) => {
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

test('upgrade, rollback and removal are refused after the mount became read-only, and nothing changes', async () => {
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

test('an installation on a mount that became noexec can still be removed', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.tree();
  await node.installation(settings).install(payloads.first);
  node.host.mount = noexec;
  await node.remove(settings);

  expect(node.tree()).toEqual(before);
});

test('the mount is read once in a run', async () => {
  const node = await MemoryNode.start(usualMachine);
  const installation = node.installation(settings);
  const reads = vi.spyOn(node.host, 'mountOf');
  for (const work of [
    async () => await installation.install(payloads.first),
    async () => await installation.installStage(payloads.second, 'artifacts'),
    async () => await installation.install(payloads.second),
    async () => await installation.rollback(),
    async () => await installation.rollback(undefined, { holds: true }),
    async () => await installation.prune(),
    async () => await installation.remove(await installation.planRemoval()),
  ]) {
    reads.mockClear();
    await work();
    expect(reads.mock.calls.filter(([path]) => path === '/opt/kata')).toHaveLength(1);
  }
});
