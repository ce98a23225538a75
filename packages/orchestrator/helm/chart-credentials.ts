/** Credentials for a chart repository, from a file in the form of Docker's config.json. */
import { readFile } from 'node:fs/promises';
import { exitCodes, KataError } from '@kata/core';
import * as z from 'zod';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
});
const fileSchema = z.object({ auths: z.record(z.string(), entrySchema).default({}) });

/** Undefined when the file has none for this host. */
export async function readCredentials(path: string, url: string): Promise<Credentials | undefined> {
  return findCredentials(await readText(path), new URL(url).host, path);
}

/** @throws KataError `KATA_HELM_CREDENTIALS` without a word of the text */
export function findCredentials(text: string, host: string, path: string): Credentials | undefined {
  const entry = Object.entries(parse(text, path).auths).find(([name]) => hostOf(name) === host)?.[1];
  if (entry === undefined) return undefined;
  const [username = '', ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString()
    .split(':');
  return { username: entry.username ?? username, password: entry.password ?? password.join(':') };
}

/** Keys are hosts, or URLs of old. */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function parse(text: string, path: string): z.infer<typeof fileSchema> {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    // The cause would quote the text.
    throw refused(`${path} is not a valid credentials file`, undefined);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw refused(`cannot read the credentials file ${path}`, error);
  }
}

function refused(message: string, cause: unknown): KataError {
  return new KataError('KATA_HELM_CREDENTIALS', message, {
    exitCode: exitCodes.precondition,
    hint: 'give a readable file in the form of Docker\'s config.json: {"auths": {"HOST": {"auth": "…"}}}',
    cause,
  });
}
