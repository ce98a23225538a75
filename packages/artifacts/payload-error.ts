/** Creates errors about a payload, with its component and file. */
import { exitCodes, KataError } from '@kata/core';

export type PayloadProblem =
  | 'KATA_PAYLOAD_ARCHITECTURE'
  | 'KATA_PAYLOAD_ARCHIVE_BROKEN'
  | 'KATA_PAYLOAD_ARCHIVE_MISSING'
  | 'KATA_PAYLOAD_COMPONENT_UNKNOWN'
  | 'KATA_PAYLOAD_CONFLICT'
  | 'KATA_PAYLOAD_ENTRY_REFUSED'
  | 'KATA_PAYLOAD_FILE_CHANGED'
  | 'KATA_PAYLOAD_FILE_MISSING'
  | 'KATA_PAYLOAD_FILE_UNEXPECTED'
  | 'KATA_PAYLOAD_MANIFEST';

export interface PayloadPlace {
  readonly component?: string;
  /** Path relative to the installation, or name of the archive. */
  readonly file?: string;
  readonly cause?: unknown;
  readonly hint?: string;
}

export function payloadError(code: PayloadProblem, message: string, place: PayloadPlace = {}): KataError {
  const { component, file, cause, hint } = place;
  return new KataError(code, message, {
    exitCode: exitCodes.precondition,
    details: { ...(component === undefined ? {} : { component }), ...(file === undefined ? {} : { file }) },
    hint: hint ?? 'the installer image is damaged: pull it again, or use another one',
    ...(cause === undefined ? {} : { cause }),
  });
}
