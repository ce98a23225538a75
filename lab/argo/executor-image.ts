/** The image of argoexec, which the controller adds to every pod of a workflow. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goArchitecture } from '@kata/core';
import type { Image } from '@kata/oci';

export const executorReference = 'argoexec:3.7.4';

export async function executorImage(toolDirectory: string): Promise<Image> {
  return {
    tag: '3.7.4',
    architecture: goArchitecture(),
    config: { Entrypoint: ['argoexec'], Env: ['PATH=/bin'] },
    layers: [
      {
        entries: [
          { kind: 'directory', path: 'bin' },
          {
            kind: 'file',
            path: 'bin/argoexec',
            content: await readFile(join(toolDirectory, 'argoexec')),
            mode: 0o755,
          },
        ],
      },
    ],
  };
}
