/** For tests: machines with the foreign configurations of `tests/fixtures/cases`, and readers for them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { HostPath } from '@kata/host';
import { KataError } from '@kata/core';
import { expect } from 'vitest';
import { someHandlers, type Trial, type Desired } from '../../conformance/trial.ts';
import { effectiveConfig } from '../effective-config.ts';
import { type ContainerdFacts } from '../index.ts';

const cases = new URL('../../../../tests/fixtures/cases/', import.meta.url);
export const versions = ['1.6.20', '1.7.30', '2.0.0', '2.2.1', '2.4.2'] as const;
export const main: HostPath = '/etc/containerd/config.toml';
export const shared: HostPath = '/etc/containerd/conf.d/kata-deploy.toml';
export const own: HostPath = '/opt/kata/containerd/config.d/kata-deploy.toml';
export const runtime = 'io.containerd.cri.v1.runtime';
export const qemu: Desired = { handlers: someHandlers(['kata-qemu']) };
export const qemuAndClh: Desired = { handlers: someHandlers(['kata-qemu', 'kata-clh']) };
export const gone: Desired = { handlers: [] };

export const text = (path: string): string => readFileSync(new URL(path, cases), 'utf8');

/** The main file and all files of `conf.d` in the directory of a case. */
export function machine(folder: string, dropIns = `${folder}/conf.d`): Record<HostPath, string> {
  const files: Record<HostPath, string> = { [main]: text(`${folder}/config.toml`) };
  for (const name of namesIn(dropIns)) {
    files[`/etc/containerd/conf.d/${name}`] = text(`${dropIns}/${name}`);
  }
  return files;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(new URL(folder, cases));
  } catch {
    return [];
  }
}

export async function textAt(trial: Trial<ContainerdFacts>, path: HostPath): Promise<string> {
  return (await trial.host.files.read(path))?.toString() ?? '';
}

export async function edit(trial: Trial<ContainerdFacts>, path: HostPath, content: string): Promise<void> {
  await trial.host.files.write(path, Buffer.from(content));
}

/** The contents of all files. */
export function textsOf(trial: Trial<ContainerdFacts>): Readonly<Record<HostPath, string>> {
  const files = Object.entries(trial.tree()).filter(([, text]) => !text.startsWith('link '));
  return Object.fromEntries(files.map(([path, text]) => [path, text.slice(text.indexOf(' ') + 1)]));
}

export async function served(trial: Trial<ContainerdFacts>): Promise<readonly string[]> {
  return Object.keys(effectiveConfig(await trial.facts()).handlers);
}

/** The error that refuses it; no file may have changed. */
export async function refusal(trial: Trial<ContainerdFacts>, desired: Desired): Promise<KataError> {
  const before = trial.tree();
  const error: unknown = await trial.step('', desired).catch((reason: unknown) => reason);
  expect(trial.tree()).toEqual(before);
  if (error instanceof KataError) return error;
  throw new Error(`not refused: ${JSON.stringify(error)}`);
}

export function runcOptions(facts: ContainerdFacts): unknown {
  const { runc } = effectiveConfig(facts).handlers;
  return Object(runc)['options'];
}
