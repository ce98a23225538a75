/**
 * The ownership record: everything on the node that is ours, so that removal never depends on today's values.
 *
 * Room `state`: what an installation remembers between two runs (record, journal, hold, reserve) and its changes as data
 * (actions). It imports no other room. Formats are read by older and newer programs: fields are only added, and a test
 * starts from what each earlier schema wrote.
 */
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import * as z from 'zod';
import { keepUnknown } from './keep-unknown.ts';

const path = z.string().startsWith('/') as unknown as z.ZodType<HostPath>;

const handlerSchema = z.object({
  name: z.string(),
  shimPath: path,
  configPath: path,
  snapshotter: z.string().optional(),
  pullType: z.string().optional(),
}) satisfies z.ZodType<Handler>;

const adoptedSchema = z.object({
  release: z.string(),
  /** Until its tree is a release and links are in its place. */
  pending: z.boolean(),
  /** Handlers that it served. */
  handlers: z.array(handlerSchema),
  /** Files outside the installation that go with it: backups of the engine's files, wrappers of shims. */
  leftovers: z.array(
    z.object({
      path,
      /** SHA-256 of its content, or `link ` and where it leads. */
      content: z.string(),
    }),
  ),
});

const recordSchema = z.object({
  schema: z.literal(1),
  /** Directories outside the installation that we made, parents first. */
  directories: z.array(path),
  /** Files of others that we edit, and files of ours outside the installation. */
  files: z.array(
    z.object({
      path,
      /** Its text without what is ours; null when there would be no file without us. */
      original: z.string().nullable(),
      /** SHA-256 of the text that we left. */
      leftSha256: z.string(),
      /** Of our own text that it replaced: what is there when the run was killed before the edit. */
      replacedSha256: z.string().optional(),
    }),
  ),
  /** Handlers that the engine was told of, also those that are to go. */
  handlers: z.array(handlerSchema),
  current: z.string().nullable(),
  previous: z.string().nullable(),
  /** Which sandboxes lived when a release stopped being the current one, in which boot. */
  sandboxes: z.record(z.string(), z.object({ bootId: z.string(), ids: z.array(z.string()) })),
  cleanupPending: z.boolean(),
  /** Handlers of the RuntimeClasses that led to this installation when it was made, by the name of the class. */
  classes: z.record(z.string(), z.string()).optional(),
  /** Which handlers each release served when it was in force last. */
  handlersByRelease: z.record(z.string(), z.array(handlerSchema)).default({}),
  /** What another installer had put here. */
  adopted: adoptedSchema.optional(),
  /** Where an administrator keeps the node, until he resumes. */
  hold: z.object({ release: z.string(), since: z.string() }).optional(),
  /** What the engine was told beside handlers; older versions told it nothing. */
  engine: z
    .object({
      configFileName: z.string(),
      debug: z.boolean(),
      userDropIn: z.object({ text: z.string(), source: z.string() }).optional(),
    })
    .optional(),
});

export type OwnershipRecord = z.infer<typeof recordSchema>;

export const emptyRecord: OwnershipRecord = {
  schema: 1,
  directories: [],
  files: [],
  handlers: [],
  current: null,
  previous: null,
  sandboxes: {},
  cleanupPending: false,
  handlersByRelease: {},
};

export const stateDirectory = (prefix: HostPath): HostPath => `${prefix}/state`;

const recordFileIn = (state: HostPath): HostPath => `${state}/ownership.json`;
const recordFile = (prefix: HostPath): HostPath => recordFileIn(stateDirectory(prefix));
const backupFile = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/ownership.before.json`;

/**
 * Undefined when there is none.
 *
 * @throws KataError `KATA_INSTALLER_RECORD`, `KATA_INSTALLER_RECORD_NEWER`.
 */
export async function readRecord(host: Host, prefix: HostPath): Promise<OwnershipRecord | undefined> {
  const content = await host.files.read(recordFile(prefix));
  return content === undefined ? undefined : parseRecord(content.toString('utf8'), recordFile(prefix));
}

function parseRecord(text: string, file: HostPath): OwnershipRecord {
  try {
    const value: unknown = JSON.parse(text);
    refuseNewer(value, file);
    return recordSchema.parse(value);
  } catch (error) {
    if (error instanceof KataError) throw error;
    throw new KataError('KATA_INSTALLER_RECORD', `the ownership record ${file} is damaged`, {
      exitCode: exitCodes.precondition,
      hint: 'restore it from a backup, or run: kata-deploy recover',
      cause: error instanceof z.ZodError ? new Error(z.prettifyError(error)) : error,
      details: { file },
    });
  }
}

function refuseNewer(value: unknown, file: HostPath): void {
  const { data } = z.object({ schema: z.int() }).safeParse(value);
  if (data === undefined || data.schema <= recordSchema.shape.schema.value) return;
  throw new KataError(
    'KATA_INSTALLER_RECORD_NEWER',
    `the ownership record ${file} was written by a newer kata-deploy (schema ${data.schema})`,
    {
      exitCode: exitCodes.precondition,
      hint: 'use that version of kata-deploy, or a newer one',
      details: { file, schema: data.schema, known: recordSchema.shape.schema.value },
    },
  );
}

/** Fields that a newer version put into the present one stay in it. */
export async function writeRecord(host: Host, prefix: HostPath, record: OwnershipRecord): Promise<void> {
  const content = await host.files.read(recordFile(prefix));
  const before: unknown = content === undefined ? undefined : JSON.parse(content.toString('utf8'));
  await writeRecordIn(
    host,
    stateDirectory(prefix),
    keepUnknown(recordSchema, before, recordSchema.parse(record)),
  );
}

/** Into a state directory that is not in its place yet. */
export async function writeRecordIn(host: Host, state: HostPath, record: OwnershipRecord): Promise<void> {
  await host.files.write(recordFileIn(state), Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`), {
    mode: 0o600,
  });
}

/** Of an installation that has lost it. */
export async function writeRebuiltRecord(
  host: Host,
  prefix: HostPath,
  record: OwnershipRecord,
): Promise<void> {
  await host.files.makeDirectory(stateDirectory(prefix), 0o700);
  await writeRecord(host, prefix, record);
}

/** One that is damaged; returns where it stands then. */
export async function moveRecordAside(host: Host, prefix: HostPath): Promise<HostPath> {
  const aside: HostPath = `${stateDirectory(prefix)}/ownership.damaged.json`;
  await host.files.rename(recordFile(prefix), aside);
  return aside;
}

/** By a second name, so that putting it back needs no room on a disk that is full. */
export async function backUpRecord(host: Host, prefix: HostPath): Promise<void> {
  await host.files.hardLink(recordFile(prefix), backupFile(prefix));
}

export async function restoreRecordBackup(host: Host, prefix: HostPath): Promise<void> {
  await host.files.rename(backupFile(prefix), recordFile(prefix));
  // Two names of one file are left as they are by rename(2).
  await deleteRecordBackup(host, prefix);
}

export async function deleteRecordBackup(host: Host, prefix: HostPath): Promise<void> {
  const path = backupFile(prefix);
  if ((await host.files.info(path)) !== undefined) await host.files.remove(path);
}
