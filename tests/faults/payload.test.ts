/**
 * Damaged payloads and damaged files of installed releases, on a node. Missing, truncated and changed archives are tested
 * in tests/cluster/node-installer.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FaultNode, install, expectFailure, type UndisturbedWalk } from '../driver/fault-node.ts';

const node = new FaultNode('test-payload-faults');
const artifacts = 'opt/kata-artifacts';
const releases = '/opt/kata/releases';
/** A file that is equal in both versions, so that an upgrade would share it. */
const shared = 'bin/qemu-system-x86_64';
let walk: UndisturbedWalk;

node.restoreAfterFailure();

beforeAll(async () => {
  await node.up();
  walk = await node.walk();
});

afterAll(async () => {
  await node.lab.down();
});

/** Changes the content but not the size, like a bad block. */
const flip = (path: string): string =>
  `for f in ${path}; do printf 'bad' | dd of=$f bs=1 seek=100 conv=notrunc status=none; done`;

/** Replaces the shim in the archive, but not its digest in the manifest. */
const packAnotherShim = `set -e; cd ${artifacts}/tarballs; archive=kata-static-shim-v2-go.tar.zst
  mkdir tree; tar --zstd -xf $archive -C tree
  ${flip('tree/opt/kata/bin/containerd-shim-kata-v2')}
  tar --zstd -cf $archive -C tree .; rm -r tree
  sed -i 's/\\("'$archive'","archiveSize":\\)[0-9]*/\\1'$(stat --format=%s $archive)'/' ../payload.json`;

async function problemsOf(version: string): Promise<readonly string[]> {
  const { exitCode, stdout } = await node.run(version, ['verify', '--output', 'json']);
  const { findings } = JSON.parse(stdout) as {
    findings: readonly { readonly state: string; readonly subject: string; readonly problem: string }[];
  };
  const problems = findings.filter(({ state }) => state === 'problem');
  expect(exitCode).toBe(problems.length === 0 ? 0 : 7);
  return problems.map(({ subject, problem }) => `${subject}: ${problem}`);
}

describe('a payload', () => {
  test.each([
    {
      title: 'whose manifest is truncated',
      breakIt: `truncate --size=1000 ${artifacts}/payload.json`,
      message: 'payload.json is missing or not valid',
    },
    {
      title: 'whose manifest is missing',
      breakIt: `rm ${artifacts}/payload.json`,
      message: 'payload.json is missing or not valid',
    },
    {
      title: 'whose shim differs from its manifest',
      breakIt: packAnotherShim,
      message: 'component shim-v2-go: bin/containerd-shim-kata-v2 has the digest',
    },
    {
      title: 'for another architecture',
      breakIt: `sed -i 's/"architecture":"amd64"/"architecture":"arm64"/' ${artifacts}/payload.json`,
      message: 'is for arm64, and this node has amd64',
    },
  ])('$title upgrades nothing', async ({ title, breakIt, message }) => {
    await node.succeed('3.24.0', install);
    const name = `broken-${title.split(' ').at(-1) ?? ''}`;
    await node.installer.unpack(name, '3.25.0-small');
    await node.installer.change(name, breakIt);

    expectFailure(await node.run(name, install), 3, message);

    expect(await node.state()).toEqual(walk.installed);
    await node.succeed('3.25.0', install);
    expect(await node.state()).toEqual(walk.upgraded);
    await node.succeed('3.25.0', ['cleanup']);
  });
});

describe('a damaged file of the current release', () => {
  test('is reported by verify, is not shared with the next release, and makes a rollback to it fail', async () => {
    await node.succeed('3.24.0', install);
    await node.shell(flip(`${releases}/3.24.0-*/${shared}`));
    expect(await problemsOf('3.24.0')).toEqual([`${shared}: content`]);

    await node.succeed('3.25.0', install);

    expect(await problemsOf('3.25.0')).toEqual([]);
    const inodes = await node.shell(`stat --format=%h ${releases}/*/${shared}`);
    expect(inodes.trim().split('\n')).toEqual(['1', '1']);
    const before = await node.state();
    expectFailure(
      await node.run('3.25.0', ['rollback']),
      7,
      `${shared} of component qemu: content`,
      'with the image of version 3.24.0, run: kata-deploy install --once --repair',
    );
    expect(await node.state()).toEqual(before);
    await node.succeed('3.24.0', install);
    await node.succeed('3.24.0', ['cleanup']);
    expect(await node.state()).toEqual(walk.bare);
  });

  test('is repaired by install --repair', async () => {
    await node.succeed('3.24.0', install);
    await node.shell(flip(`${releases}/3.24.0-*/${shared}`));
    expect(await problemsOf('3.24.0')).toEqual([`${shared}: content`]);

    await node.succeed('3.24.0', [...install, '--repair']);

    expect(await problemsOf('3.24.0')).toEqual([]);
    expect(await node.state()).toEqual(walk.installed);
    await node.succeed('3.24.0', ['cleanup']);
  });

  test('that is missing is reported by verify and restored by the next installation', async () => {
    await node.succeed('3.24.0', install);
    await node.shell(`rm ${releases}/3.24.0-*/${shared}`);
    expect(await problemsOf('3.24.0')).toContain(`${shared}: missing`);

    await node.succeed('3.24.0', install);

    expect(await node.state()).toEqual(walk.installed);
    await node.succeed('3.24.0', ['cleanup']);
  });
});

test('a release with a broken manifest is not a rollback target, and its version can be installed again', async () => {
  await node.succeed('3.24.0', install);
  await node.succeed('3.25.0', install);
  await node.shell(`truncate --size=100 ${releases}/3.24.0-*/manifest.json`);
  const before = await node.state();

  expectFailure(await node.run('3.25.0', ['rollback']), 7, 'manifest.json is damaged');

  expect(await node.state()).toEqual(before);
  await node.succeed('3.24.0', install);
  expect(await problemsOf('3.24.0')).toEqual([]);
  await node.succeed('3.24.0', ['cleanup']);
  expect(await node.state()).toEqual(walk.bare);
});

test('every command that changes something refuses a damaged record and leaves it unchanged', async () => {
  const record = '/opt/kata/state/ownership.json';
  await node.succeed('3.24.0', install);
  const whole = await node.shell(
    `cat ${record}; cp -a ${record} /run/ownership.json; truncate --size=50 ${record}`,
  );
  expect(whole).not.toBe('');
  const { tree } = { tree: await node.shell('find /opt /etc -type f | sort | xargs sha256sum') };

  for (const words of [install, ['rollback'], ['cleanup']]) {
    expectFailure(
      await node.run('3.25.0', words),
      3,
      `the ownership record ${record} is damaged`,
      'kata-deploy recover',
    );
  }

  expect(await node.shell('find /opt /etc -type f | sort | xargs sha256sum')).toBe(tree);
  await node.shell(`cp -a /run/ownership.json ${record}`);
  await node.succeed('3.24.0', ['cleanup']);
  expect(await node.state()).toEqual(walk.bare);
});
