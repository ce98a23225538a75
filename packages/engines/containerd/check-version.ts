/** What is known of a version of containerd before it is set up. */
import type { Handler } from '@kata/kata';
import type { VersionSupport } from '../contract.ts';

/** Those that the conformance suite ran on, or that lie between two of them. */
const tried: readonly string[] = ['1.6', '1.7', '2.0', '2.1', '2.2', '2.3', '2.4'];

export function checkVersion(version: string, handlers: readonly Handler[]): VersionSupport {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const mapped = handlers.filter(({ snapshotter }) => snapshotter !== undefined).map(({ name }) => name);
  if (major === '1' && minor === '6' && mapped.length > 0) {
    return {
      state: 'problem',
      summary: `and a snapshotter is set for ${mapped.join(', ')}`,
      why: 'containerd 1.6 knows one snapshotter for all handlers',
      next: 'use containerd 1.7 or newer, or set no snapshotter',
    };
  }
  if (tried.includes(`${major}.${minor}`)) return { state: 'ok', summary: '' };
  const [newestMajor, newestMinor] = (tried.at(-1) ?? '').split('.').map(Number) as [number, number];
  const isNewer =
    Number(major) > newestMajor || (Number(major) === newestMajor && Number(minor) > newestMinor);
  const next = `use one of containerd ${tried.join(', ')}`;
  return isNewer
    ? { state: 'warning', summary: 'newer than what was tried', next }
    : { state: 'problem', summary: 'which is not supported', next };
}
