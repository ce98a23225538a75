/** The installer on a node without the API server: plan, damaged payloads, kills and signals. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bareCrashNode, crashCommand, crashImages } from '../driver/crash-commands.ts';
import { killAtJournal } from '../driver/kill-at-journal.ts';
import { readTree } from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { LimitedDisk } from '../driver/limited-disk.ts';
import { NodeInstaller } from '../driver/node-installer.ts';
import { runMeanwhile } from '../driver/scripted-run.ts';

const lab = new LabDriver('test-node');
const installer = new NodeInstaller(lab, 'n1');
const tarballs = 'opt/kata-artifacts/tarballs';

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.2']);
  for (const size of ['usual', 'small']) await lab.lab(['publish', '--size', size]);
  for (const version of ['3.24.0', '3.25.0']) await installer.unpack(version, version);
});

afterAll(async () => {
  await lab.down();
});

test('an installation killed at four points of its journal and run again has the result of one run', async () => {
  const node = await bareCrashNode(lab, 'n1', installer, crashImages.slice(0, 1));

  const { points, wrong } = await killAtJournal(node, crashCommand('install'), () => undefined, 4);

  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(4);
  await node.restore('bare');
});

test('plan shows diffs and the restart; after the installation it is empty', async () => {
  const { exitCode, stdout, stderr } = await installer.run('3.24.0', ['plan']);

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const shown = stdout.replaceAll(/3\.24\.0-[0-9a-f]{8}/g, '<release>').replace(/[\d.]+ MB/, '<size> MB');
  expect(shown).toMatchSnapshot();
  await installer.run('3.24.0', ['install', '--once']);
  expect((await installer.run('3.24.0', ['plan'])).stdout).toBe('Nothing to do.');
});

test('issue 12.12: other settings make another release with shared files, and rollback returns to the first', async () => {
  const current = async (): Promise<string> => await lab.onNode('n1', ['readlink', '/opt/kata/current']);
  const before = await current();
  const changed = { AGENT_HTTPS_PROXY: 'http://proxy.example:3128' };

  const { stdout } = await installer.run('3.24.0', ['plan'], changed);
  const installed = await installer.run('3.24.0', ['install', '--once'], changed);

  expect(stdout).toMatch(
    /^write release 3\.24\.0-\w+ \(9 components: 0\.\d MB to write, [1-9]\d* files shared\)/m,
  );
  expect(stdout).not.toMatch(/^restart /m);
  expect(installed.exitCode).toBe(0);
  expect(await current()).not.toBe(before);
  expect((await installer.run('3.24.0', ['rollback'], changed)).exitCode).toBe(0);
  expect(await current()).toBe(before);
  expect((await installer.run('3.24.0', ['verify'])).exitCode).toBe(0);
});

test('issue 12.17: a prefix on a noexec mount is refused, and nothing changes', async () => {
  const before = await readTree(lab, 'n1');
  const mount = (option: string): readonly string[] => ['mount', '-o', `remount,bind,${option}`, '/opt'];
  await lab.onNode('n1', ['mount', '--bind', '/opt', '/opt']);
  await lab.onNode('n1', mount('noexec'));

  const upgrade = await installer.run('3.25.0', ['install', '--once']);
  const doctor = await installer.run('3.25.0', ['doctor']);
  await lab.onNode('n1', mount('ro'));
  const cleanup = await installer.run('3.25.0', ['cleanup']);
  await lab.onNode('n1', ['umount', '/opt']);

  for (const { exitCode, stderr } of [upgrade, cleanup]) {
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringMatching(/\/opt\/kata is on the mount \/opt, which is (noexec|ro)/),
    });
  }
  expect(doctor.exitCode).toBe(3);
  expect(await readTree(lab, 'n1')).toEqual(before);
});

test.each([
  {
    title: 'whose kernel is missing',
    breakIt: `rm ${tarballs}/kata-static-kernel.tar.zst`,
    message: /component kernel: its archive \S+kata-static-kernel\.tar\.zst is missing/,
  },
  {
    title: 'with a flipped byte',
    breakIt: `f=${tarballs}/kata-static-kernel.tar.zst && printf '\\377' | dd of=$f bs=1 seek=5000000 conv=notrunc status=none`,
    message: /component kernel: (share\/\S+ has the digest|its archive \S+ )/,
  },
  {
    title: 'with a truncated archive',
    breakIt: `truncate --size=1000000 ${tarballs}/kata-static-kernel.tar.zst`,
    message: /component kernel: its archive \S+ has 1000000 bytes instead of \d+/,
  },
])(
  'a payload $title changes nothing, and the error names component and file',
  async ({ title, breakIt, message }) => {
    const name = `broken-${title.split(' ').at(-1) ?? ''}`;
    await installer.unpack(name, '3.25.0');
    await installer.change(name, breakIt);
    const before = await readTree(lab, 'n1');

    const { exitCode, stderr } = await installer.run(name, ['install', '--once']);

    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(await readTree(lab, 'n1')).toEqual(before);
  },
);

test('the engine of a distribution is recognised by its unit, and is not changed', async () => {
  const unit = 'k3s-agent.service';
  await lab.onNode('n1', ['systemd-run', '--quiet', `--unit=${unit}`, 'sleep', 'infinity']);
  const before = await readTree(lab, 'n1');

  const refused = await installer.run('3.25.0', ['install', '--once']);
  await lab.onNode('n1', ['systemctl', 'stop', unit]);

  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toContain('k3s is not yet supported by this version');
  expect(await readTree(lab, 'n1')).toEqual(before);
});

test('SIGTERM while an upgrade is unpacked stops it, and the next run finishes', async () => {
  const when = 'ls -d /opt/kata/releases/3.25.0-*.new';
  const act = 'systemctl kill --kill-who=main --signal=SIGTERM $unit';

  const run = await runMeanwhile(lab, 'n1', installer.command('3.25.0', ['install', '--once']), [
    { when, act },
  ]);

  expect({ moments: run.moments, exitCode: run.exitCode, stderr: run.stderr }).toEqual({
    moments: 1,
    exitCode: 143,
    stderr: expect.stringContaining('terminated (SIGTERM) before everything was done'),
  });
  expect((await installer.run('3.25.0', ['install', '--once'])).exitCode).toBe(0);
  expect((await installer.run('3.25.0', ['plan'])).stdout).toBe('Nothing to do.');
});

test('issue 12.16: with no free space for its state a rollback uses the reserve', async () => {
  await using disk = await LimitedDisk.mount(lab, 'n1', '/opt/kata/state');
  await disk.apply(disk.leavePages(0));

  const { exitCode, stderr } = await installer.run('3.25.0', ['rollback']);

  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(await lab.onNode('n1', ['readlink', '/opt/kata/current'])).toMatch(/^releases\/3\.24\.0-/);
});
