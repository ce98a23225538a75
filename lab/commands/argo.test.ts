import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labPlace } from '../lab.ts';
import { writeRecord } from '../record.ts';
import { argoCommand } from './argo.ts';

test('a lab that was started without Argo Workflows has no CLI of it', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'lab-argo-'));
  const config = { stateDirectory: directory.path, cacheDirectory: '/cache', defaultName: 'second' };
  await writeRecord(labPlace('second', config), {
    name: 'second',
    createdAt: '2026-11-21T10:00:00.000Z',
    complete: true,
    apiPort: 40_001,
    registryPort: 40_002,
    argo: false,
    nodes: [],
  });

  await expect(argoCommand(config).parseAsync(['list', '-A'], { from: 'user' })).rejects.toMatchObject({
    code: 'KATA_LAB_NO_ARGO',
    message: 'lab "second" has no Argo Workflows',
    hint: 'recreate it: lab down --name second, then lab up --argo --name second',
    exitCode: 3,
  });
});
