/**
 * The ownership record: everything on the node that is ours, so that a removal never depends on today's settings.
 *
 * Room `state`: what an installation stores between two runs (record, journal, hold, reserve) and its changes as data
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
  /** True until its tree is a release and its paths are links. */
  pending: z.boolean(),
  /** Handlers that it served. */
  handlers: z.array(handlerSchema),
  /** Files outside the installation that a removal deletes: backups of the engine's files, wrappers of shims. */
  leftovers: z.array(
    z.object({
      path,
      /** SHA-256 of its content, or `link ` and its target. */
      content: z.string(),
    }),
  ),
});

const recordSchema = z.object({
  schema: z.literal(1),
  /** Directories outside the installation that we created, parents first. */
  directories: z.array(path),
  /** Foreign files that we edit, and our files outside the installation. */
  files: z.array(
    z.object({
      path,
      /** Its text without our part; null when the file would not exist without us. */
      original: z.string().nullable(),
      /** SHA-256 of the text that we wrote last. */
      leftSha256: z.string(),
      /** SHA-256 of our earlier text, which is on disk when the run was killed before the edit. */
      replacedSha256: z.string().optional(),
    }),
  ),
  /** Handlers in the engine's configuration, including those that are being removed. */
  handlers: z.array(handlerSchema),
  current: z.string().nullable(),
  previous: z.string().nullable(),
  /** Sandboxes that were running when a release stopped being the current one, and the boot they ran in. */
  sandboxes: z.record(z.string(), z.object({ bootId: z.string(), ids: z.array(z.string()) })),
  cleanupPending: z.boolean(),
  /** Handlers of RuntimeClasses that use this installation, by the name of the class; deleted classes stay. */
  classes: z.record(z.string(), z.string()).optional(),
  /** Handlers that each release served when it was last active. */
  handlersByRelease: z.record(z.string(), z.array(handlerSchema)).default({}),
  /** The adopted installation of another installer. */
  adopted: adoptedSchema.optional(),
  /** The release on which an administrator holds the node until `kata-deploy resume`. */
  hold: z.object({ release: z.string(), since: z.string() }).optional(),
  /** The engine's configuration in addition to handlers; absent in records of older versions. */
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

/** Keeps fields that a newer version wrote into the present record. */
export async function writeRecord(host: Host, prefix: HostPath, record: OwnershipRecord): Promise<void> {
  const content = await host.files.read(recordFile(prefix));
  const before: unknown = content === undefined ? undefined : JSON.parse(content.toString('utf8'));
  await writeRecordIn(
    host,
    stateDirectory(prefix),
    keepUnknown(recordSchema, before, recordSchema.parse(record)),
  );
}

/** For a state directory that has not been moved to its final path yet. */
export async function writeRecordIn(host: Host, state: HostPath, record: OwnershipRecord): Promise<void> {
  await host.files.write(recordFileIn(state), Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`), {
    mode: 0o600,
  });
}

/** For an installation without a record. */
export async function writeRebuiltRecord(
  host: Host,
  prefix: HostPath,
  record: OwnershipRecord,
): Promise<void> {
  await host.files.makeDirectory(stateDirectory(prefix), 0o700);
  await writeRecord(host, prefix, record);
}

/** Renames a damaged record; returns its new path. */
export async function moveRecordAside(host: Host, prefix: HostPath): Promise<HostPath> {
  const aside: HostPath = `${stateDirectory(prefix)}/ownership.damaged.json`;
  await host.files.rename(recordFile(prefix), aside);
  return aside;
}

/** As a hard link, so that restoring it needs no space on a full disk. */
export async function backUpRecord(host: Host, prefix: HostPath): Promise<void> {
  await host.files.hardLink(recordFile(prefix), backupFile(prefix));
}

export async function restoreRecordBackup(host: Host, prefix: HostPath): Promise<void> {
  await host.files.rename(backupFile(prefix), recordFile(prefix));
  // rename(2) does nothing when both names are links to the same file.
  await deleteRecordBackup(host, prefix);
}

export async function deleteRecordBackup(host: Host, prefix: HostPath): Promise<void> {
  const path = backupFile(prefix);
  if ((await host.files.info(path)) !== undefined) await host.files.remove(path);
}
