/** The Host under test, and short forms for what it did. */
import { KataError } from '@kata/core';
import type { Host, HostFiles } from '../host.ts';

/** Created for each test. */
export interface Current {
  readonly host: () => Host;
  readonly files: () => HostFiles;
}

export const bytes = (text: string): Buffer => Buffer.from(text);

export function* pieces(...texts: readonly string[]): Generator<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

export async function text(files: HostFiles, path: `/${string}`): Promise<string | undefined> {
  return (await files.read(path))?.toString();
}

export async function failureOf(action: Promise<unknown>): Promise<unknown> {
  const error = await action.catch((reason: unknown) => reason);
  if (!(error instanceof KataError)) return error;
  return [error.code, error.message, error.exitCode, error.details['errno']];
}
