// Issue 12.11: read-only commands work while the engine does not answer, and report it; a removal stays pending.
import { KataError } from '@kata/core';
import { expect, test } from 'vitest';
import { Installation } from './installation.ts';
import type { QuerySandboxes } from '../facts/sandboxes.ts';
import { describeNoAction } from '../plan/plan-removal.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);
const trace = '/run/vc/sbs/0123456789abcdef';

const payloads = usePayloads();

const refuse = async (): Promise<never> => {
  throw new KataError('KATA_HOST_CRI', 'no answer', { hint: 'start it' });
};

function unresponsive(node: MemoryNode): Installation {
  const engine = { version: refuse, servedHandlers: refuse, intervalMs: 1 };
  const sandboxes: QuerySandboxes = refuse;
  return new Installation({ host: node.host, settings: both, engine, sandboxes, emit: () => undefined });
}

async function installed(): Promise<MemoryNode> {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(remote).install(payloads.first);
  await node.installation(both).install(payloads.first);
  await node.installation(both).install(payloads.second);
  return node;
}

test('issue 12.11: the facts are read without an answer of the engine', async () => {
  const node = await installed();
  node.host.files.seed(trace, { directory: true });

  const { record, engine, sandboxes, sandboxView } = await unresponsive(node).readKnownFacts();

  expect(record?.handlers.map(({ name }) => name)).toEqual(['kata-qemu-snp', 'kata-remote']);
  expect(engine).toMatchObject({ served: undefined, problem: { code: 'KATA_ENGINE_SILENT' } });
  expect(sandboxes).toEqual(['0123456789abcdef']);
  expect(sandboxView.unanswered).toBe('no answer');
  await expect(unresponsive(node).readFacts()).rejects.toMatchObject({ code: 'KATA_ENGINE_SILENT' });
});

test('issue 12.11: releases are listed, and pruned by the traces of sandboxes', async () => {
  const node = await installed();
  const count = (await node.installation(both).listReleases()).length;
  expect((await unresponsive(node).listReleases()).length).toBe(count);

  node.host.files.seed(trace, { directory: true });
  const before = node.tree();
  await unresponsive(node).prune();

  expect(Object.keys(node.tree())).toEqual(Object.keys(before));
});

test('a removal removes nothing, and reports why and what to do', async () => {
  const node = await installed();
  const before = node.tree();

  const removal = await unresponsive(node).planRemoval();
  await unresponsive(node).remove(removal);

  expect(node.tree()).toEqual(before);
  expect(removal.plan).toMatchObject({ actions: [], waitingFor: [], later: [] });
  expect(describeNoAction(removal.plan)).toBe('Nothing is removed now.');
  expect(removal.plan.blocked).toMatch(/^cleanup pending: containerd does not answer on its socket/);
  expect(removal.plan.notes).toContain('see: journalctl --unit containerd.service');
});

test('a removal names traces that may belong to running sandboxes', async () => {
  const node = await installed();
  node.host.files.seed(trace, { directory: true });

  const { plan } = await unresponsive(node).planRemoval();

  expect(plan.waitingFor).toEqual(['0123456789abcdef']);
  expect(plan.notes.join('\n')).toContain(trace);
});

test('a lost record cannot be rebuilt without an answer of the engine, and is reported (issue 12.16)', async () => {
  const node = await installed();
  await node.host.files.removeTree('/opt/kata/state');

  await expect(unresponsive(node).readKnownFacts()).rejects.toMatchObject({
    code: 'KATA_INSTALLER_RECORD_LOST',
    hint: 'when the container runtime answers, run: kata-deploy recover',
  });
});
