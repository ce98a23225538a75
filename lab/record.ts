/** The lab's record on disk: the desired state. What is running is always read from the kernel, never from here. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import * as z from 'zod';
import type { LabConfig } from './config.ts';
import { engineNames } from './engines/catalog.ts';
import type { LabPlace } from './lab.ts';

const recordSchema = z.object({
  name: z.string(),
  createdAt: z.iso.datetime(),
  /** True once `lab up` has seen every node ready. */
  complete: z.boolean(),
  apiPort: z.int(),
  registryPort: z.int(),
  /** Whether the cluster has Argo Workflows. */
  argo: z.boolean().default(false),
  nodes: z.array(z.object({ name: z.string(), engine: z.enum(engineNames), index: z.int() })),
});

export type LabRecord = z.infer<typeof recordSchema>;

export async function readRecord(place: LabPlace): Promise<LabRecord | undefined> {
  const file = join(place.directory, 'lab.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new KataError('KATA_LAB_RECORD', `the record of the lab is invalid: ${file}`, {
      exitCode: exitCodes.conflict,
      hint: `remove the lab: lab down --name ${place.name}`,
      cause: error,
    });
  }
}

/** The record of a lab that must exist. */
export async function requireRecord(place: LabPlace): Promise<LabRecord> {
  const record = await readRecord(place);
  if (record) return record;
  throw new KataError('KATA_LAB_ABSENT', `lab "${place.name}" does not exist`, {
    exitCode: exitCodes.precondition,
    hint: place.name === 'default' ? 'create it: lab up' : `create it: lab up --name ${place.name}`,
  });
}

export async function writeRecord(place: LabPlace, record: LabRecord): Promise<void> {
  await mkdir(place.directory, { recursive: true });
  const file = join(place.directory, 'lab.json');
  await writeFile(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

export async function listLabs(config: LabConfig): Promise<readonly string[]> {
  try {
    return await readdir(config.stateDirectory);
  } catch {
    return [];
  }
}
