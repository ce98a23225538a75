/** Remembers which files of releases were verified since the last boot, so that an upgrade links them without reading. */
import { KataError } from '@kata/core';
import type { FileStamp, HostFiles, HostPath } from '@kata/host';
import * as z from 'zod';

/** In /run, which a boot empties; for all installations; changed only under the lock. */
const notesFile: HostPath = '/run/kata-deploy/verified-files.json';

/** By `FileStamp.content`, which is the same for all links to a file. */
const notesSchema = z.record(
  z.string(),
  z.object({ sha256: z.string(), change: z.string(), prefix: z.string() }),
);

type Notes = z.infer<typeof notesSchema>;

export class VerifiedFiles {
  readonly #notes: Notes;

  private constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Empty without notes, or with unreadable ones. */
  static async read(files: HostFiles): Promise<VerifiedFiles> {
    return new VerifiedFiles(await readNotes(files));
  }

  /** False when the file differs from its note, also in its ctime. */
  has({ content, change }: FileStamp, sha256: string): boolean {
    const note = this.#notes[content];
    return note !== undefined && note.sha256 === sha256 && note.change === change;
  }
}

/** A file that this run wrote or read. */
export interface FileOfRun {
  readonly sha256: string;
  readonly content: FileStamp['content'];
}

/** By final path. */
export type FilesOfRun = ReadonlyMap<HostPath, FileOfRun>;

/**
 * Replaces the notes of the installation below `prefix`. Call it after the run has created all links and removed all
 * releases, because both change the ctime. Best effort.
 */
export async function noteVerifiedFiles(files: HostFiles, prefix: HostPath, seen: FilesOfRun): Promise<void> {
  if (seen.size === 0) return;
  try {
    const others = Object.entries(await readNotes(files)).filter(([, note]) => note.prefix !== prefix);
    const notes: Notes = Object.fromEntries(others);
    for (const [path, { sha256, content }] of seen) {
      const stamp = (await files.info(path))?.stamp;
      if (stamp?.content === content) notes[content] = { sha256, change: stamp.change, prefix };
    }
    await files.write(notesFile, Buffer.from(JSON.stringify(notes)), { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
  }
}

async function readNotes(files: HostFiles): Promise<Notes> {
  try {
    const content = await files.read(notesFile);
    if (content === undefined) return {};
    return notesSchema.parse(JSON.parse(content.toString('utf8')));
  } catch (error) {
    const isDamaged = error instanceof SyntaxError || error instanceof z.ZodError;
    if (isDamaged || error instanceof KataError) return {};
    throw error;
  }
}
