/** Switches single nodes on and off, and adds them. */
import { exitCodes, KataError } from '@kata/core';
import type { Progress } from '@kata/report';
import { admitNode } from '../cluster/node-files.ts';
import type { EngineName } from '../engines/catalog.ts';
import { findGround } from '../ground/namespaces.ts';
import { type LabPlace, type NodeSpec } from '../lab.ts';
import { findLeader, killMachine, stopMachine } from '../machines/boot-machine.ts';
import { requireRecord, writeRecord } from '../record.ts';
import { equipLab } from './build-tools.ts';
import { bootNode, prepareNode, waitUntilReady } from './nodes.ts';
import { findNode, requireMachine } from './require-machine.ts';

export async function stopNode(place: LabPlace, name: string): Promise<void> {
  await requireMachine(place, name);
  await stopMachine(place, name);
}

export async function killNode(place: LabPlace, name: string): Promise<void> {
  await requireMachine(place, name);
  await killMachine(place, name);
}

export async function startNode(place: LabPlace, name: string, progress: Progress): Promise<void> {
  const node = findNode(await requireRecord(place), name);
  await boot(place, node, progress, { fresh: false });
}

export async function addNode(
  place: LabPlace,
  name: string,
  engine: EngineName,
  progress: Progress,
): Promise<void> {
  if (!/^[a-z][a-z0-9-]{0,11}$/.test(name) || name === 'control') {
    throw new KataError('KATA_LAB_USAGE', `"${name}" cannot be a node's name`, {
      exitCode: exitCodes.usage,
      hint: 'use at most 12 of a-z, 0-9 and hyphens, beginning with a letter',
    });
  }
  const record = await requireRecord(place);
  if (record.nodes.some((node) => node.name === name)) {
    throw new KataError('KATA_LAB_NODE_EXISTS', `lab "${place.name}" has a node "${name}" already`, {
      exitCode: exitCodes.conflict,
    });
  }
  const index = Math.max(0, ...record.nodes.map((node) => node.index)) + 1;
  const node = { name, engine, index };
  await writeRecord(place, { ...record, nodes: [...record.nodes, node] });
  await boot(place, node, progress, { fresh: true });
}

async function boot(
  place: LabPlace,
  node: NodeSpec,
  progress: Progress,
  options: { readonly fresh: boolean },
): Promise<void> {
  const groundPid = await findGround(place);
  if (groundPid === undefined) {
    throw new KataError('KATA_LAB_DOWN', `lab "${place.name}" is not running`, {
      exitCode: exitCodes.precondition,
      hint: `lab up --name ${place.name}`,
    });
  }
  if ((await findLeader(place, node.name)) === undefined) {
    if (options.fresh) await equipLab(place, [node.engine], progress);
    await progress.task(`boot ${node.name}`, async () => {
      if (options.fresh) await prepareNode(place, node);
      await bootNode(place, node, groundPid);
      await admitNode(place, node);
    });
  }
  await progress.task(`${node.name} ready`, async (say) => {
    await waitUntilReady(place, [node.name], say);
  });
}
