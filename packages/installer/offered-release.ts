/** The release that a payload becomes on a node with these settings. */
import { chooseRelease, type Payload } from '@kata/artifacts';
import type { Settings } from './settings/index.ts';
import { wantedComponents } from './wanted-files.ts';

/** Its id. */
export function offeredRelease(payload: Payload, settings: Settings): string {
  return chooseRelease(payload.manifest, wantedComponents(settings)).id;
}
