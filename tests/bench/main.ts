/** `make bench`: the cost of an installation on a node, compared with plain `tar`; exits with 1 when a goal is missed. */
import { neededComponents, shims } from '@kata/kata';
import { ClusterInstaller } from '../driver/cluster-installer.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { BenchNode } from './bench-node.ts';
import { formatRows, isMissed, type Row } from './goals.ts';
import { imageMegabytes } from './image-size.ts';
import { LabelWatch } from './label-watch.ts';
import { costRows, sizeRows } from './rows.ts';
import { runRound, tarCommand, versions } from './round.ts';
import { Samples } from './samples.ts';
import { shimInfoRows } from './shim-info.ts';
import { waiterMegabytes } from './waiter-memory.ts';

const rounds = 5;
const lab = new LabDriver('bench');
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function bench(): Promise<readonly Row[]> {
  await lab.down();
  print('Starting a lab …');
  await lab.up(['--engine', 'containerd-2.2', '--engine', 'containerd-2.4']);
  await lab.lab(['publish']);
  await ClusterInstaller.applyRbac(lab);
  const node = new BenchNode(lab, 'n1');
  // The last node waits before it deletes the RBAC objects: with a second node the first removal has the usual cost.
  const other = new BenchNode(lab, 'n2');
  for (const each of [node, other]) await each.prepare(versions);
  await other.install(versions[0]);

  const samples = await measure(node);
  const image = await imageMegabytes(lab, versions[0]);
  const waiter = await waiterMegabytes(node, versions[0]);
  await other.run(versions[0], ['cleanup']);
  const shimInfo = [await shimInfoRows(node), await shimInfoRows(other)];
  return [...costRows(samples), ...sizeRows(image, waiter), ...shimInfo.flat()];
}

async function measure(node: BenchNode): Promise<Samples> {
  const chosen = ['qemu', 'clh'].flatMap((name) => shims.get(name) ?? []);
  const tar = tarCommand(neededComponents(chosen, 'x86_64'));
  print(`\nbaseline: ${tar}\n`);
  const samples = new Samples();
  await using watch = new LabelWatch(lab, node.name);
  await watch.opened();
  // The first round fills the caches.
  await runRound(node, watch, new Samples(), tar);
  for (let round = 1; round <= rounds; round += 1) {
    await runRound(node, watch, samples, tar);
    print(`round ${round} of ${rounds}`);
  }
  return samples;
}

try {
  const rows = await bench();
  print(`\n${formatRows(rows)}`);
  if (rows.some(isMissed)) process.exitCode = 1;
} finally {
  await lab.down();
}
