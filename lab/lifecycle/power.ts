/** Switches single nodes on and off, and adds them. */
import { exitCodes, KataError } from '@kata/core';
import type { Progress } from '@kata/report';
import { admitNode } from '../cluster/node-files.ts';
import type { EngineName } from '../engines/catalog.ts';
import { findNamespaceHost } from '../namespace-host/namespaces.ts';
import { controlName, type LabPlace, maximumNodes, type NodeSpec } from '../lab.ts';
import { findLeader, killMachine, stopMachine } from '../machines/boot-machine.ts';
import { isPrepared } from '../machines/prepare-machine.ts';
import { type LabRecord, requireRecord, writeRecord } from '../record.ts';
import { equipLab, neededTools } from './build-tools.ts';
import { bootControl, waitForApi } from './control.ts';
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

/** Boots a node, or the control machine, that is off. */
export async function startNode(place: LabPlace, name: string, progress: Progress): Promise<void> {
  const record = await requireRecord(place);
  if (name !== controlName) {
    await boot(place, findNode(record, name), progress);
    return;
  }
  const namespaceHostPid = await requireNamespaceHost(place);
  await progress.task(`boot ${name}`, async () => {
    if ((await findLeader(place, name)) === undefined) await bootControl(place, record, namespaceHostPid);
  });
  await progress.task('control plane', async () => {
    await waitForApi(place, record);
  });
}

export async function addNode(
  place: LabPlace,
  name: string,
  engine: EngineName,
  progress: Progress,
): Promise<void> {
  if (!/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/.test(name) || name === controlName) {
    throw new KataError('KATA_LAB_USAGE', `"${name}" is not a valid node name`, {
      exitCode: exitCodes.usage,
      hint: 'use at most 12 characters of a-z, 0-9 and inner hyphens, beginning with a letter',
    });
  }
  const record = await requireRecord(place);
  const existing = record.nodes.find((node) => node.name === name);
  if (existing !== undefined && (existing.engine !== engine || (await isPrepared(place, name)))) {
    throw new KataError('KATA_LAB_NODE_EXISTS', `lab "${place.name}" already has a node "${name}"`, {
      exitCode: exitCodes.conflict,
      hint: `start it: lab node start ${name} --name ${place.name}`,
    });
  }
  const node = existing ?? { name, engine, index: nextIndex(record) };
  if (existing === undefined) await writeRecord(place, { ...record, nodes: [...record.nodes, node] });
  await boot(place, node, progress);
}

function nextIndex(record: LabRecord): number {
  const index = Math.max(0, ...record.nodes.map((node) => node.index)) + 1;
  if (index <= maximumNodes) return index;
  throw new KataError('KATA_LAB_FULL', `all ${maximumNodes} node addresses of the lab are in use`, {
    exitCode: exitCodes.precondition,
  });
}

async function boot(place: LabPlace, node: NodeSpec, progress: Progress): Promise<void> {
  const namespaceHostPid = await requireNamespaceHost(place);
  if ((await findLeader(place, node.name)) === undefined) {
    const isNew = !(await isPrepared(place, node.name));
    if (isNew) await equipLab(place, neededTools([node.engine]), progress);
    await progress.task(`boot ${node.name}`, async () => {
      if (isNew) await prepareNode(place, node);
      await bootNode(place, node, namespaceHostPid);
      await admitNode(place, node);
    });
  }
  await progress.task(`${node.name} ready`, async (say) => {
    await waitUntilReady(place, [node.name], say);
  });
}

async function requireNamespaceHost(place: LabPlace): Promise<number> {
  const namespaceHostPid = await findNamespaceHost(place);
  if (namespaceHostPid !== undefined) return namespaceHostPid;
  throw new KataError('KATA_LAB_DOWN', `lab "${place.name}" is not running`, {
    exitCode: exitCodes.precondition,
    hint: `start it: lab up --name ${place.name}`,
  });
}
