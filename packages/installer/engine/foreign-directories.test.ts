/** Two installations on one node: the one that is removed last leaves the node as it was before the first one. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { makeTwoTinyPayloads } from '../testkit/tiny-payload.ts';

const first = someSettings(['remote']);
const second = someSettings(['remote'], { prefix: '/opt/kata-dev', suffix: 'dev' });
const importing = 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n';

const machines: Readonly<Record<string, Readonly<Record<HostPath, MemorySeed>>>> = {
  'a missing folder that the main file imports': { '/etc/containerd/config.toml': importing },
  'an empty folder that the main file imports': {
    '/etc/containerd/config.toml': importing,
    '/etc/containerd/conf.d': { directory: true },
  },
  'no configuration': { '/etc': { directory: true } },
};

let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let payload: Payload;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), 'directories-test-'));
  [payload] = await makeTwoTinyPayloads(scratch.path);
});

afterAll(async () => {
  await scratch.remove();
});

describe.each(Object.entries(machines))('%s', (_, files) => {
  test.each([
    { title: 'the first', leaving: [first, second] },
    { title: 'the second', leaving: [second, first] },
  ])('is as before when $title installation is removed first', async ({ leaving }) => {
    const node = await MemoryNode.start({
      ...usualMachine,
      files: { '/opt': { directory: true }, ...files },
    });
    const before = node.tree();
    for (const settings of [first, second]) await node.installation(settings).install(payload);

    for (const settings of leaving) {
      await node.remove(settings);
    }

    expect(node.tree()).toEqual(before);
  });
});
