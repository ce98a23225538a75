// Issue 12.8: the running sandboxes are those that the engine lists with handlers of this installation.
import { KataError } from '@kata/core';
import { type MemorySeed, MemoryHost } from '@kata/host/memory';
import type { HostPath } from '@kata/host';
import { expect, test } from 'vitest';
import { type QuerySandboxes, readSandboxes, sandboxNotes } from './sandboxes.ts';

const listed = '0123456789abcdef';
const gone = 'fedcba9876543210';
const directory = { directory: true } as const;
const unresponsive: QuerySandboxes = async () => {
  throw new KataError('KATA_HOST_CRI', 'cannot reach the socket');
};
const answering: QuerySandboxes = async () => ({
  running: [{ id: listed, handler: 'kata-qemu', podUid: 'uid' }],
  allIds: [listed, 'of-another-installation'],
});

const hostWith = (files: Readonly<Record<HostPath, MemorySeed>>): MemoryHost => new MemoryHost({ files });

test.each<[string, HostPath, Readonly<Record<HostPath, MemorySeed>>]>([
  ['the Go runtime', `/run/vc/sbs/${gone}`, { [`/run/vc/sbs/${gone}/persist.json`]: '{}' }],
  ['the Rust runtime', `/run/kata/${gone}`, { [`/run/kata/${gone}/shim-monitor.sock`]: '' }],
])(
  'issue 12.8, case 07: a left-over trace of %s does not count, and is named with the command that removes it',
  async (_, path, left) => {
    const host = hostWith({ ...left, [`/run/vc/sbs/${listed}`]: directory });

    const view = await readSandboxes(host, ['kata-qemu'], answering);

    expect(view).toEqual({
      running: [{ id: listed, handler: 'kata-qemu', podUid: 'uid' }],
      traces: [listed, gone],
      leftovers: [path],
      unanswered: undefined,
    });
    expect(sandboxNotes(view)).toEqual([
      `the container runtime lists no sandbox for ${path}; unless a pod is just starting, remove it: rm -r ${path}`,
    ]);
  },
);

test('a trace of a sandbox of another installation is neither ours nor a left-over', async () => {
  const host = hostWith({ '/run/vc/sbs/of-another-installation': directory });

  expect(await readSandboxes(host, ['kata-qemu'], answering)).toMatchObject({ leftovers: [] });
});

test('when the engine does not answer, traces count as sandboxes, and their folders are named', async () => {
  const host = hostWith({ [`/run/vc/sbs/${gone}`]: directory, '/run/kata/a-file-of-its-own': '' });

  const view = await readSandboxes(host, ['kata-qemu'], unresponsive);

  expect(view).toEqual({
    running: [{ id: gone, handler: undefined, podUid: undefined }],
    traces: [gone],
    leftovers: [],
    unanswered: 'cannot reach the socket',
  });
  expect(sandboxNotes(view)).toEqual([
    'the container runtime does not answer: cannot reach the socket',
    expect.stringContaining(`/run/vc/sbs/${gone}`),
  ]);
});

test('another error is not replaced by traces', async () => {
  const failing: QuerySandboxes = async () => {
    throw new KataError('KATA_KUBE_UNREACHABLE', 'the API server gave no answer');
  };

  await expect(readSandboxes(hostWith({}), [], failing)).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
  });
});
