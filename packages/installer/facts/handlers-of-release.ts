/** The handlers that a release serves when it is in force. Pure. */
import type { ReleaseManifest } from '@kata/artifacts';
import type { HandlerEntry, OwnershipRecord } from '../state/record.ts';

/** Of payload alone, only the record knows; undefined when it does not. */
export function handlersOfRelease(
  manifest: ReleaseManifest,
  record: Pick<OwnershipRecord, 'handlersByRelease'> | undefined,
): readonly HandlerEntry[] | undefined {
  return manifest.schema === 1 ? record?.handlersByRelease[manifest.id] : manifest.handlers;
}
