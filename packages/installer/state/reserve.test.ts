/** issue 12.16: a full disk. */
import { systemError } from '@kata/host';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { both, useUpgradedNode } from '../testkit/use-upgraded-node.ts';

const reserve = '/opt/kata/state/reserve';

const upgradedNode = useUpgradedNode();

const hasReserve = async (node: MemoryNode): Promise<boolean> =>
  (await node.host.files.info(reserve)) !== undefined;

/** No further file, link or directory can be created, as on a tmpfs without free inodes, where hard links count, too. */
function takeInodes(node: MemoryNode): void {
  const count = (): number => Object.keys(node.host.files.snapshot('/opt')).length;
  const limit = count();
  node.onStep = ({ call, path }) => {
    const takesOne = ['create', 'mkdir', 'symlink', 'link'].includes(call) && path.startsWith('/opt/');
    if (takesOne && count() >= limit) throw systemError('ENOSPC', call, path);
  };
}

/** Nothing can be written while the reserve takes the last free space. */
function fill(node: MemoryNode): void {
  node.onStep = ({ call, path }) => {
    const takesRoom = ['write', 'open', 'create', 'mkdir', 'symlink', 'link'].includes(call);
    const isFull = node.host.files.snapshot('/opt/kata/state')[reserve] !== undefined;
    if (takesRoom && (isFull || path.includes('reserve'))) throw systemError('ENOSPC', call, path);
  };
}

describe.each([
  { title: 'no byte', fill, hasRoomAfterwards: false },
  // The backup of the record and the journal are gone when a run has ended.
  { title: 'no inode', fill: takeInodes, hasRoomAfterwards: true },
])('with the reserve and $title left', ({ fill, hasRoomAfterwards }) => {
  test('a removal completes, reports what it freed, and leaves the node as before the installation', async () => {
    const before = (await MemoryNode.start(usualMachine)).tree();
    const { node } = await upgradedNode();
    expect(await hasReserve(node)).toBe(true);
    fill(node);

    const installation = node.installation(both);
    await installation.remove(await installation.planRemoval());

    const { freed } = installation;
    expect(node.tree()).toEqual(before);
    expect(freed.map(({ release }) => release.slice(0, 6))).toEqual(['3.24.0', '3.25.0']);
    expect(freed.every(({ bytes }) => bytes > 0)).toBe(true);
  });

  test('a rollback completes, and the next installation creates the reserve again', async () => {
    const { node, second } = await upgradedNode();
    fill(node);

    await node.installation(both).rollback();

    expect(node.served()).toBe('kata-qemu-snp by shim 3.24.0, kata-remote by shim 3.24.0');
    expect(await hasReserve(node)).toBe(hasRoomAfterwards);
    node.onStep = undefined;
    await node.installation(both).install(second);
    expect(await hasReserve(node)).toBe(true);
  });

  test('a rollback with a hold completes', async () => {
    const { node } = await upgradedNode();
    fill(node);

    const { release } = await node.installation(both).rollback(undefined, { holds: true });

    expect((await node.installation(both).readFacts()).record).toMatchObject({
      current: release,
      hold: { release },
    });
  });
});

describe('with the reserve', () => {
  test('an installation does not use it, and changes nothing', async () => {
    const { node, first } = await upgradedNode();
    const before = node.tree();
    fill(node);

    await expect(node.installation(someSettings(['remote'])).install(first)).rejects.toMatchObject({
      code: 'KATA_HOST_NO_SPACE',
    });

    expect(node.tree()).toEqual(before);
  });

  test('a removal that waits for pods does not use it', async () => {
    const { node } = await upgradedNode();
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    await node.remove(both);

    expect(await hasReserve(node)).toBe(true);
  });
});
