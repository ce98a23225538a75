/** The release that a payload becomes on a node with these settings. */
import type { Payload } from '@kata/artifacts';
import type { HostFiles } from '@kata/host';
import type { Settings } from '@kata/settings';
import { makeRelease } from './wanted-release.ts';

/** Its id, the same on every node. What the store has of the payload need not be unpacked to find it. */
export async function offeredRelease(
  files: HostFiles,
  payload: Payload,
  settings: Settings,
): Promise<string> {
  return (await makeRelease({ files, prefix: settings.prefix }, settings, payload)).manifest.id;
}
