/** Files of releases whose content was verified since the last boot: an upgrade links them without reading them again. */
import { KataError } from '@kata/core';
import type { FileStamp, Host, HostFiles, HostPath } from '@kata/host';
import * as z from 'zod';
import type { FilesOfRun } from './files-of-run.ts';

/** Of all installations; whoever changes it holds the lock. */
const notesFile: HostPath = '/run/kata-deploy/verified-files.json';
/** Older kernels step the clock of files every 10 ms, some file systems every second: a change within a step has the same stamp. */
const clockStepMs = 20;

const notesSchema = z.object({
  bootId: z.string(),
  /** By `FileStamp.content`, which is the same for all links to a file. */
  files: z.record(z.string(), z.object({ sha256: z.string(), change: z.string(), prefix: z.string() })),
});

type Notes = z.infer<typeof notesSchema>;
type NotingHost = Pick<Host, 'files' | 'bootId' | 'now'>;

export class VerifiedFiles {
  readonly #notes: Notes['files'];

  private constructor(notes: Notes['files']) {
    this.#notes = notes;
  }

  /** Empty when there are no notes of this boot, or when they cannot be read. */
  static async read(host: NotingHost): Promise<VerifiedFiles> {
    return new VerifiedFiles(await readNotes(host.files, await host.bootId()));
  }

  /** False for a file that differs from its note in anything, ctime included. */
  has({ content, change }: FileStamp, sha256: string): boolean {
    const note = this.#notes[content];
    return note !== undefined && note.sha256 === sha256 && note.change === change;
  }
}

/** Replaces the notes of the installation below `prefix`. Best effort. */
export async function noteVerifiedFiles(
  host: NotingHost,
  prefix: HostPath,
  filesOfRun: FilesOfRun,
): Promise<void> {
  if (filesOfRun.isEmpty) return;
  try {
    const bootId = await host.bootId();
    const notedMs = host.now().getTime();
    const files = withoutPrefix(await readNotes(host.files, bootId), prefix);
    for (const { sha256, stamp } of await filesOfRun.unchanged()) {
      if (isSettled(stamp, notedMs)) files[stamp.content] = { sha256, change: stamp.change, prefix };
    }
    await writeNotes(host.files, { bootId, files });
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
  }
}

/** For an installation that is removed. Best effort. */
export async function deleteVerifiedFiles(host: NotingHost, prefix: HostPath): Promise<void> {
  try {
    const bootId = await host.bootId();
    const before = await readNotes(host.files, bootId);
    const files = withoutPrefix(before, prefix);
    if (Object.keys(files).length === Object.keys(before).length) return;
    if (Object.keys(files).length === 0) await host.files.remove(notesFile);
    else await writeNotes(host.files, { bootId, files });
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
  }
}

function isSettled({ changedMs }: FileStamp, notedMs: number): boolean {
  const stepMs = changedMs % 1000 === 0 ? 1000 + clockStepMs : clockStepMs;
  return notedMs - changedMs > stepMs;
}

function withoutPrefix(files: Notes['files'], prefix: HostPath): Notes['files'] {
  return Object.fromEntries(Object.entries(files).filter(([, note]) => note.prefix !== prefix));
}

async function writeNotes(files: HostFiles, notes: Notes): Promise<void> {
  await files.write(notesFile, Buffer.from(JSON.stringify(notes)), { mode: 0o600 });
}

async function readNotes(files: HostFiles, bootId: string): Promise<Notes['files']> {
  try {
    const content = await files.read(notesFile);
    if (content === undefined) return {};
    const notes = notesSchema.parse(JSON.parse(content.toString('utf8')));
    return notes.bootId === bootId ? notes.files : {};
  } catch (error) {
    const isDamaged = error instanceof SyntaxError || error instanceof z.ZodError;
    if (isDamaged || error instanceof KataError) return {};
    throw error;
  }
}
