/** Whether a version of CRI-O is supported. Its versions follow those of Kubernetes. */
import type { VersionSupport } from '../contract.ts';

/** `[major, minor]` that the conformance suite runs on. */
const tested: readonly string[] = ['1.36'];
const oldestMinor = 30;

export function checkVersion(version: string): VersionSupport {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (tested.includes(`${major}.${minor}`)) return { state: 'ok', summary: '' };
  const next = `use a supported version of CRI-O: ${tested.join(', ')}`;
  if (major === '1' && Number(minor) >= oldestMinor)
    return { state: 'warning', summary: 'which was not tested', next };
  return { state: 'problem', summary: 'which is not supported', next };
}
