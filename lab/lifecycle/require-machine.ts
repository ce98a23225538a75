/** Throws unless the lab has the machine. */
import { exitCodes, KataError } from '@kata/core';
import { controlName, type LabPlace, type NodeSpec } from '../lab.ts';
import { type LabRecord, requireRecord } from '../record.ts';

export async function requireMachine(place: LabPlace, name: string): Promise<void> {
  const record = await requireRecord(place);
  if (name !== controlName) findNode(record, name);
}

export function findNode(record: LabRecord, name: string): NodeSpec {
  const node = record.nodes.find((other) => other.name === name);
  if (node) return node;
  throw new KataError('KATA_LAB_NO_MACHINE', `lab "${record.name}" has no node "${name}"`, {
    exitCode: exitCodes.usage,
    hint: `its nodes are ${record.nodes.map((other) => other.name).join(', ')}`,
  });
}
