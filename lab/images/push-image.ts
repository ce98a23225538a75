/** Copies an image into the lab's registry. */
import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { registryHost } from '../lab.ts';
import type { LabRecord } from '../record.ts';
import { run } from '../run.ts';

export interface PushedImage {
  /** As pods name it, by tag. */
  readonly image: string;
  /** As pods name it, by digest. */
  readonly pinned: string;
}

/** `source` in skopeo's notation, such as `oci:/path` or `docker-archive:/path.tar`. */
export async function pushImage(record: LabRecord, source: string, reference: string): Promise<PushedImage> {
  const target = `docker://127.0.0.1:${record.registryPort}/${reference}`;
  await run([
    'skopeo',
    'copy',
    '--quiet',
    '--insecure-policy',
    '--dest-tls-verify=false',
    '--preserve-digests',
    source,
    target,
  ]);
  const digest = await run([
    'skopeo',
    'inspect',
    '--tls-verify=false',
    '--no-tags',
    '--format',
    '{{.Digest}}',
    target,
  ]);
  const repository = reference.replace(/:[^:/]+$/, '');
  return {
    image: `${registryHost}/${reference}`,
    pinned: `${registryHost}/${repository}@${digest.trim()}`,
  };
}

export interface ImageSource {
  readonly source: string;
  /** The name of the image when the user gives none. */
  readonly reference: string;
}

/** Finds out what kind of image a path is: an image layout, or an archive of either kind. */
export async function findImageSource(path: string): Promise<ImageSource> {
  const name = basename(path)
    .toLowerCase()
    .replace(/\.(tar|oci)$/, '');
  const reference = `${name.replaceAll(/[^a-z0-9._-]+/g, '-')}:latest`;
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() && (await readdir(path)).includes('oci-layout')) {
    return { source: `oci:${path}`, reference };
  }
  if (info?.isFile()) {
    const names = (await run(['tar', '--list', '--file', path]))
      .split('\n')
      .map((name) => name.replace('./', ''));
    if (names.includes('oci-layout')) return { source: `oci-archive:${path}`, reference };
    if (names.includes('manifest.json')) return { source: `docker-archive:${path}`, reference };
  }
  throw new KataError('KATA_LAB_IMAGE', `"${path}" is not a container image`, {
    exitCode: exitCodes.usage,
    hint: 'give an OCI image layout (a folder), an OCI archive, or the output of docker save',
  });
}
