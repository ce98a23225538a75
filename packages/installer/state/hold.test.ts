/** issue 12.15: an administrator rolls a node back and holds it there. */
import { systemError } from '@kata/host';
import { expect, test } from 'vitest';
import { readHold, refuseHeld, setHold } from './hold.ts';
import { killedBeforeCalls } from '../testkit/killed-nodes.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { both, useUpgradedNode } from '../testkit/use-upgraded-node.ts';

const prefix = '/opt/kata';

const upgradedNode = useUpgradedNode();

const heldOn = async ({ host }: MemoryNode): Promise<string | undefined> =>
  (await readHold(host, prefix))?.release;

test('a rollback with a hold records it, and an installation stage is refused', async () => {
  const { node } = await upgradedNode();

  const { release } = await node.installation(both).rollback(undefined, { holds: true });

  expect(await heldOn(node)).toBe(release);
  await expect(refuseHeld(node.host, prefix)).rejects.toMatchObject({
    code: 'KATA_INSTALLER_HELD',
    message: expect.stringContaining(`holds this node on ${release} since `) as string,
    hint: 'to end the hold, run: kata-deploy resume',
  });
});

test('a plan for a held node notes that the installation will change nothing', async () => {
  const { node, second } = await upgradedNode();
  const installation = node.installation(both);
  const { release } = await installation.rollback(undefined, { holds: true });

  expect((await installation.planInstall(second)).notes).toEqual([
    `an administrator holds this node on ${release}: an installation changes nothing until you run "kata-deploy resume"`,
  ]);
  await setHold(node.host, prefix, undefined);
  expect((await installation.planInstall(second)).notes).toEqual([]);
});

test('resume ends the hold, and does nothing where no hold or no installation exists', async () => {
  const { node } = await upgradedNode();
  const before = node.tree();
  await setHold(node.host, prefix, undefined);
  expect(node.tree()).toEqual(before);

  await setHold(node.host, prefix, { release: 'x', since: 'then' });
  await setHold(node.host, prefix, undefined);

  expect(node.tree()).toEqual(before);
  await refuseHeld(node.host, prefix);
  const bare = await MemoryNode.start(usualMachine);
  await setHold(bare.host, prefix, { release: 'x', since: 'then' });
  expect(await heldOn(bare)).toBeUndefined();
});

test('a held node that is rolled back to another release is held there', async () => {
  const { node } = await upgradedNode();
  const { release: older } = await node.installation(both).rollback(undefined, { holds: true });

  const { release: newer } = await node.installation(both).rollback();

  expect(newer).not.toBe(older);
  expect(await heldOn(node)).toBe(newer);
});

test('a rollback without a hold, or under the gate, does not change the hold', async () => {
  const { node } = await upgradedNode();

  await node.installation(both).rollback();
  expect(await heldOn(node)).toBeUndefined();

  await setHold(node.host, prefix, { release: 'x', since: 'then' });
  await node.installation(both).rollback(undefined, { holds: false });
  expect(await heldOn(node)).toBe('x');
});

test('a rollback that fails and is undone leaves no hold', async () => {
  const { node } = await upgradedNode();
  const before = node.tree();
  node.onStep = ({ call, path }) => {
    if (path.includes('current')) throw systemError('EIO', call, path);
  };

  await expect(node.installation(both).rollback(undefined, { holds: true })).rejects.toThrow('current');

  node.onStep = undefined;
  expect(node.tree()).toEqual(before);
});

test('a rollback that is killed anywhere is finished by the same command', async () => {
  const { node: start } = await upgradedNode();
  const previous = (await start.installation(both).readFacts()).record?.previous ?? '';
  const holds = async (node: MemoryNode): Promise<unknown> =>
    await node.installation(both).rollback(undefined, { holds: true });
  let kills = 0;
  for await (const { node, at } of killedBeforeCalls(start, holds)) {
    kills += 1;
    // A rollback that was complete before the kill is not reversed by running it for that release again.
    await node.installation(both).rollback(previous, { holds: true });
    expect(await heldOn(node), at).toBe(previous);
    expect((await node.installation(both).readFacts()).record?.current, at).toBe(previous);
  }
  expect(kills).toBeGreaterThan(50);
});
