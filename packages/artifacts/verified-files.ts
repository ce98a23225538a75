/** Files of releases whose content was found right since the last boot: an upgrade links them without reading them again. */
import { KataError } from '@kata/core';
import type { FileStamp, HostFiles, HostPath } from '@kata/host';
import * as z from 'zod';

/** Emptied by a boot. Of all installations; whoever changes it holds the lock. */
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

  /** Of a node without notes, or with notes that cannot be read, nothing is known. */
  static async read(files: HostFiles): Promise<VerifiedFiles> {
    return new VerifiedFiles(await readNotes(files));
  }

  /** A file that differs from its note in anything, ctime included, has to be read. */
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

/** By the path at which each stands in the end. */
export type FilesOfRun = ReadonlyMap<HostPath, FileOfRun>;

/**
 * To be called when the run has made all its links and removed all its releases, for both change the ctime. Replaces
 * the notes of the installation below `prefix`. They are a help: that they cannot be written is no failure of the run.
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
