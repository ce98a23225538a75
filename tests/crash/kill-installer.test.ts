/** The long form of the cluster test's few kills: twenty moments of an installation, twenty of an upgrade. */
import { afterAll, expect, test } from 'vitest';
import { killInstallerRounds, versions } from '../driver/kill-installer.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { NodeInstaller } from '../driver/node-installer.ts';

const lab = new LabDriver('crash-node');
const installer = new NodeInstaller(lab, 'n1');

afterAll(async () => {
  await lab.down();
});

test('the installer killed at forty random moments and run again leaves the same tree', async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  for (const version of versions) await installer.unpack(version, version);
  const seed = Date.now() % 1_000_000;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);

  const { kills, tooLate } = await killInstallerRounds(lab, 'n1', installer, 20, seed, say);

  say(`seed ${seed}: ${kills} killed, ${tooLate} had ended, 0 wrong`);
  expect(kills).toBeGreaterThanOrEqual(30);
});
