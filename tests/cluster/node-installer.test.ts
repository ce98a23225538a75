/** The installer on a node by itself: what it plans, what a broken payload does, and what is left when it is killed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killInstallerRounds, versions } from '../driver/kill-installer.ts';
import { readTree } from '../driver/kata-walk.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { NodeInstaller } from '../driver/node-installer.ts';

const lab = new LabDriver('test-node');
const installer = new NodeInstaller(lab, 'n1');
const tarballs = 'opt/kata-artifacts/tarballs';

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  for (const version of versions) await installer.unpack(version, version);
});

afterAll(async () => {
  await lab.down();
});

test('killed at random moments of install and upgrade, and run again, the tree is the same', async () => {
  const seed = Date.now() % 1_000_000;

  const { kills, tooLate } = await killInstallerRounds(lab, 'n1', installer, 1, seed, () => undefined);

  expect(kills + tooLate, `seed ${seed}`).toBe(2);
  expect(kills, `seed ${seed}`).toBeGreaterThan(0);
});

test('plan shows diffs and the restart; applied and planned again it is empty', async () => {
  const { exitCode, stdout, stderr } = await installer.run('3.24.0', ['plan']);

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.replaceAll(/3\.24\.0-[0-9a-f]{8}/g, '<release>')).toMatchSnapshot();
  await installer.run('3.24.0', ['install', '--once']);
  expect((await installer.run('3.24.0', ['plan'])).stdout).toBe('Nothing to do.');
});

test.each([
  {
    title: 'whose kernel is missing',
    breakIt: `rm ${tarballs}/kata-static-kernel.tar.zst`,
    says: /component kernel: its archive \S+kata-static-kernel\.tar\.zst is missing/,
  },
  {
    title: 'with a flipped byte',
    breakIt: `f=${tarballs}/kata-static-kernel.tar.zst && printf '\\377' | dd of=$f bs=1 seek=5000000 conv=notrunc status=none`,
    says: /component kernel: (share\/\S+ has the digest|its archive \S+ )/,
  },
  {
    title: 'with an archive that is cut off',
    breakIt: `truncate --size=1000000 ${tarballs}/kata-static-kernel.tar.zst`,
    says: /component kernel: its archive \S+ has 1000000 of \d+ bytes/,
  },
])(
  'a payload $title changes nothing and says which file of which component',
  async ({ title, breakIt, says }) => {
    const name = `broken-${title.split(' ').at(-1) ?? ''}`;
    await installer.unpack(name, '3.25.0');
    await installer.change(name, breakIt);
    const before = await readTree(lab, 'n1');

    const { exitCode, stderr } = await installer.run(name, ['install', '--once']);

    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(says);
    expect(await readTree(lab, 'n1')).toEqual(before);
  },
);
