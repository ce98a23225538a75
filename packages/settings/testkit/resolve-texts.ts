/** For tests: resolves settings, or their problems, from texts as users or the chart write them. */
import { KataError } from '@kata/core';
import { type KataArchitecture, shims } from '@kata/kata';
import { expect } from 'vitest';
import { resolveSettings } from '../resolve-settings.ts';
import type { Settings } from '../settings.ts';

export type Texts = Readonly<Record<string, string>>;

interface Sources {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Texts;
  readonly files?: Texts;
  readonly kataArchitecture?: KataArchitecture;
}

export async function resolve({
  flags = {},
  environment = {},
  files = {},
  kataArchitecture = 'x86_64',
}: Sources): ReturnType<typeof resolveSettings> {
  return await resolveSettings({
    flags,
    environment,
    kataArchitecture,
    readFile: async (path) => {
      if (files[path] === 'unreadable') throw new Error('EACCES: permission denied');
      return files[path];
    },
  });
}

export async function settingsFrom(sources: Sources): Promise<Settings> {
  return (await resolve(sources)).settings;
}

/** Problems, then the hint. */
export async function refusalOf(sources: Sources): Promise<readonly string[]> {
  try {
    await resolve(sources);
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    expect([error.code, error.exitCode]).toEqual(['KATA_CONFIG_INVALID', 2]);
    return [...error.message.split('\n'), `next: ${error.hint}`];
  }
  return [];
}

export const qemu = { SHIMS_X86_64: 'qemu' };
export const plain = {
  hypervisorAnnotations: [],
  httpsProxy: undefined,
  noProxy: undefined,
  forceGuestPull: false,
  snapshotter: undefined,
  pullType: undefined,
  dropIn: undefined,
};
export const made = [...shims.values()]
  .filter((shim) => shim.components.x86_64 !== undefined)
  .map(({ name }) => name);
export const known = `next: known for x86_64 are ${made.join(', ')}`;
