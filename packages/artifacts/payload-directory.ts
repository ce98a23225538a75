/** Opens a payload in a directory of our own file system, such as that of the installer image. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KataError } from '@kata/core';
import * as z from 'zod';
import type { Archive } from './archive.ts';
import { payloadSchema } from './manifest-schema.ts';
import { payloadError } from './payload-error.ts';
import { type PayloadComponent, payloadFile, type PayloadManifest, tarballsFolder } from './payload.ts';

export interface Payload {
  readonly directory: string;
  readonly manifest: PayloadManifest;
}

export interface OpenPayloadOptions {
  /** Of the node, by Go's name; a payload for another architecture is refused. */
  readonly architecture?: string;
}

/** Checks the manifest and the size of each archive; the content is checked when it is unpacked. */
export async function openPayload(directory: string, options: OpenPayloadOptions = {}): Promise<Payload> {
  const manifest = await readPayloadManifest(join(directory, payloadFile));
  const { architecture } = options;
  if (architecture !== undefined && architecture !== manifest.architecture) {
    throw payloadError(
      'KATA_PAYLOAD_ARCHITECTURE',
      `the payload in ${directory} is for ${manifest.architecture}, and this node has ${architecture}`,
      { hint: `use the installer image for ${architecture}` },
    );
  }
  const payload = { directory, manifest };
  for (const component of manifest.components) await checkArchive(payload, component);
  return payload;
}

export function archiveOf(payload: Payload, component: string): Archive {
  const found = payload.manifest.components.find(({ name }) => name === component);
  if (found === undefined) {
    throw payloadError('KATA_PAYLOAD_COMPONENT_UNKNOWN', `the payload has no component ${component}`, {
      component,
    });
  }
  return { component, path: join(payload.directory, tarballsFolder, found.archive) };
}

async function readPayloadManifest(path: string): Promise<PayloadManifest> {
  try {
    return payloadSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const cause = error instanceof z.ZodError ? new Error(z.prettifyError(error)) : error;
    throw payloadError('KATA_PAYLOAD_MANIFEST', `the payload manifest ${path} is missing or not valid`, {
      file: path,
      cause,
    });
  }
}

async function checkArchive(payload: Payload, component: PayloadComponent): Promise<void> {
  const { path } = archiveOf(payload, component.name);
  const place = { component: component.name, file: component.archive };
  const info = await stat(path).catch((error: unknown) => {
    throw missingArchive(component.name, path, error);
  });
  if (info.size === component.archiveSize) return;
  throw payloadError(
    'KATA_PAYLOAD_ARCHIVE_BROKEN',
    `component ${component.name}: its archive ${path} has ${info.size} bytes instead of ${component.archiveSize}`,
    place,
  );
}

function missingArchive(component: string, path: string, cause: unknown): KataError {
  return payloadError(
    'KATA_PAYLOAD_ARCHIVE_MISSING',
    `component ${component}: its archive ${path} is missing`,
    {
      component,
      file: path,
      cause,
    },
  );
}
