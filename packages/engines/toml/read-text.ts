/** Reads a file whose text must be editable byte by byte. */
import { describeError, KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';

export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string };

export async function readText(files: Pick<HostFiles, 'read'>, path: HostPath): Promise<FileText> {
  try {
    const bytes = await files.read(path);
    if (bytes === undefined) return { kind: 'absent' };
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    // A text that is not valid UTF-8 cannot be edited byte by byte.
    if (error instanceof TypeError) return { kind: 'unreadable', reason: `${path} is not valid UTF-8` };
    if (!(error instanceof KataError)) throw error;
    return { kind: 'unreadable', reason: describeError(error).replaceAll('\n  ', ', ') };
  }
}
