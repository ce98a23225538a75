import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MemoryNode } from './sweep/memory-node.ts';
import { usualMachine } from './sweep/scenarios.ts';
import { someSettings } from './sweep/some-settings.ts';
import { makeTwoTinyPayloads } from './sweep/tiny-payload.ts';

test('kata-08-without-effect, issue 12.19: a plan says which wishes change nothing', async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'plan-notes-test-'));
  const [payload] = await makeTwoTinyPayloads(scratch.path);
  const node = await MemoryNode.start(usualMachine);
  const settings = someSettings(['qemu-snp', 'remote'], { debug: true });

  const { plan } = await node.installation(settings).install(payload);

  expect(plan.notes).toEqual([
    'kata-remote-debug: the guest is not debugged, since Kata passes no kernel parameters to a remote machine',
  ]);
});
