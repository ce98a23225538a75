/** Which of the handlers that an engine lists can start pods: engines also list handlers whose files are missing. */
import { posix } from 'node:path';
import { type Store, verifyRelease } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { type Handler, releaseDirectory } from '@kata/kata';
import { versionOf } from '@kata/node';
import { insideRelease } from '../facts/handler-paths.ts';
import { linkChain } from '../engine/link-chain.ts';
import { handlerFindings } from './find-differences.ts';
import { readHandler } from './handler-facts.ts';

export interface OwnServed {
  readonly host: Host;
  readonly prefix: HostPath;
  /** Of the record. */
  readonly current: string | undefined;
  /** Ours; others are not checked. */
  readonly handlers: readonly Handler[];
}

/** `listed` without our handlers whose shim or configuration, or a file named there, is missing or differs from the manifest. */
export async function confirmServed(own: OwnServed, listed: readonly string[]): Promise<readonly string[]> {
  const known = own.handlers.filter(({ name }) => listed.includes(name));
  const changed = await changedFiles(own);
  const broken = new Set<string>();
  for (const handler of known) if (await isBroken(own, handler, changed)) broken.add(handler.name);
  return listed.filter((name) => !broken.has(name));
}

async function isBroken(
  { host, prefix, current }: OwnServed,
  handler: Handler,
  changed: ReadonlySet<string>,
): Promise<boolean> {
  const version = current === undefined ? undefined : versionOf(current);
  const facts = await readHandler({ host, prefix, version }, handler);
  // Refusals are left to `verify`: a newer Kata may accept keys that we do not know.
  const problems = handlerFindings(facts).filter(({ problem }) => problem !== 'refused');
  if (problems.some(({ state }) => state === 'problem')) return true;
  if (current === undefined) return false;
  const stable = [handler.shimPath, handler.configPath].map((path) => insideRelease(prefix, current, path));
  const named = facts.configuration.kind === 'read' ? facts.configuration.named : [];
  for (const path of [...stable, ...named]) {
    const steps = await linkChain(host.files, path);
    if (steps.some((step) => changed.has(posix.normalize(step.path)))) return true;
  }
  return false;
}

/** Compares metadata only. A broken manifest leaves nothing to compare with. */
async function changedFiles({ host, prefix, current }: OwnServed): Promise<ReadonlySet<string>> {
  if (current === undefined) return new Set();
  const store: Store = { files: host.files, prefix };
  try {
    const differences = await verifyRelease(store, current, { depth: 'metadata' });
    return new Set(differences.map(({ path }) => `${releaseDirectory(prefix, current)}/${path}`));
  } catch (error) {
    if (!(error instanceof KataError) || error.code !== 'KATA_STORE_MANIFEST') throw error;
    return new Set();
  }
}
