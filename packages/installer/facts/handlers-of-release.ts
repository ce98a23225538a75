/** The handlers that a release serves when it is active. Pure. */
import type { ReleaseManifest } from '@kata/artifacts';
import type { Handler } from '@kata/kata';
import type { OwnershipRecord } from '../state/record.ts';

/** Manifests of schema 1 do not list them, so the record does; undefined when it does not. */
export function handlersOfRelease(
  manifest: ReleaseManifest,
  record: Pick<OwnershipRecord, 'handlersByRelease'> | undefined,
): readonly Handler[] | undefined {
  return manifest.schema === 1 ? record?.handlersByRelease[manifest.id] : manifest.handlers;
}
