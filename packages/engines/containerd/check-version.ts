/** Whether a version of containerd is supported. */
import type { Handler } from '@kata/kata';
import type { VersionSupport } from '../contract.ts';

/** Versions that the conformance suite runs on, and those between two of them. */
const tested: readonly string[] = ['1.6', '1.7', '2.0', '2.1', '2.2', '2.3', '2.4'];

export function checkVersion(version: string, handlers: readonly Handler[]): VersionSupport {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const mapped = handlers.filter(({ snapshotter }) => snapshotter !== undefined).map(({ name }) => name);
  if (major === '1' && minor === '6' && mapped.length > 0) {
    return {
      state: 'problem',
      summary: `with a snapshotter set for ${mapped.join(', ')}`,
      why: 'containerd 1.6 supports only one snapshotter for all handlers',
      next: 'use containerd 1.7 or newer, or unset the snapshotter',
    };
  }
  if (tested.includes(`${major}.${minor}`)) return { state: 'ok', summary: '' };
  const [newestMajor, newestMinor] = (tested.at(-1) ?? '').split('.').map(Number) as [number, number];
  const isNewer =
    Number(major) > newestMajor || (Number(major) === newestMajor && Number(minor) > newestMinor);
  const next = `use a supported version of containerd: ${tested.join(', ')}`;
  return isNewer
    ? { state: 'warning', summary: 'newer than the tested versions', next }
    : { state: 'problem', summary: 'which is not supported', next };
}
