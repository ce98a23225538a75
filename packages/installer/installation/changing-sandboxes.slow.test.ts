// Issue 12.10: a run neither fails nor removes needed files when a sandbox starts or ends between any two of its queries.
import { describe, expect, test } from 'vitest';
import type { Installation } from './installation.ts';
import { type QuerySandboxes, type EngineSandbox, runningOf } from '../facts/sandboxes.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { readEngine } from '../testkit/read-engine.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);
const handler = 'kata-qemu-snp';
const sandbox: EngineSandbox = {
  id: '0123456789abcdef',
  handler,
  uid: 'uid',
  namespace: 'default',
  name: 'web',
  isRunning: true,
};

const payloads = usePayloads();

const none: QuerySandboxes = async (handlers) => runningOf([], handlers);

interface Scenario {
  readonly settings: typeof both;
  readonly prepare: (open: (settings: typeof both) => Installation) => Promise<unknown>;
  readonly act: (installation: Installation) => Promise<unknown>;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'an upgrade that removes an older release': {
    settings: both,
    prepare: async (open) => {
      await open(remote).install(payloads.first);
      await open(both).install(payloads.first);
    },
    act: async (installation) => await installation.install(payloads.second),
  },
  'an upgrade that drops a handler': {
    settings: remote,
    prepare: async (open) => await open(both).install(payloads.first),
    act: async (installation) => await installation.install(payloads.second),
  },
  'a dropped handler': {
    settings: remote,
    prepare: async (open) => await open(both).install(payloads.first),
    act: async (installation) => await installation.install(payloads.first),
  },
  'a rollback that drops a handler': {
    settings: remote,
    prepare: async (open) => {
      await open(remote).install(payloads.first);
      await open(both).install(payloads.second);
    },
    act: async (installation) => await installation.rollback(),
  },
  'an upgrade in stages that drops a handler': {
    settings: remote,
    prepare: async (open) => await open(both).install(payloads.first),
    act: async (installation) => {
      await installation.installStage(payloads.second, 'artifacts');
      await installation.installStage(payloads.second, 'cri');
    },
  },
  'a removal': {
    settings: both,
    prepare: async (open) => await open(both).install(payloads.first),
    act: async (installation) => await installation.remove(await installation.planRemoval()),
  },
  'a removal in stages': {
    settings: both,
    prepare: async (open) => await open(both).install(payloads.first),
    act: async (installation) => {
      for (const stage of ['revert-cri', 'remove-artifacts'] as const) {
        const waitingFor = await installation.remove(await installation.planRemoval(stage));
        // A Job runs the next stage only when this one is complete.
        if (waitingFor.length > 0) return;
      }
    },
  },
};

/** A query of the sandboxes. */
interface Look {
  /** Whether a pod of the handler could start after it. */
  readonly canStart: boolean;
  readonly release: string;
}

interface Run {
  readonly node: MemoryNode;
  readonly looks: readonly Look[];
}

/** The sandbox is running from query `from` until before query `to`. */
async function runWith({ settings, prepare, act }: Scenario, from: number, to: number): Promise<Run> {
  const node = await MemoryNode.start(usualMachine);
  await prepare((wanted) => node.installation(wanted, { sandboxes: none }));
  const looks: Look[] = [];
  const sandboxes: QuerySandboxes = async (handlers) => {
    const isThere = looks.length >= from && looks.length < to;
    looks.push(await lookAt(node));
    return runningOf(isThere ? [sandbox] : [], handlers);
  };
  await act(node.installation(settings, { sandboxes }));
  return { node, looks };
}

async function lookAt(node: MemoryNode): Promise<Look> {
  const release = (await node.host.files.info('/opt/kata/current'))?.target ?? '';
  const shim = await node.host.files.info(`/opt/kata/${release}/bin/containerd-shim-kata-v2`);
  return { canStart: node.served().includes(handler) && shim !== undefined, release };
}

async function countLooks(scenario: Scenario): Promise<number> {
  return (await runWith(scenario, Infinity, Infinity)).looks.length;
}

describe.each(Object.entries(scenarios))('issue 12.10: %s', (_, scenario) => {
  test('keeps the files of a sandbox that starts between any two queries', async () => {
    const count = await countLooks(scenario);
    expect(count).toBeGreaterThan(2);
    let started = 0;
    for (let from = 1; from < count; from += 1) {
      const { node, looks } = await runWith(scenario, from, Infinity);
      const start = looks[from - 1];
      if (start?.canStart !== true) continue;
      started += 1;
      const handlers = await readEngine(node.host.files);
      expect({
        from,
        configured: handlers.map(({ name }) => name),
        served: node.served(),
        release: await node.host.files.info(`/opt/kata/${start.release as 'releases'}`),
      }).toEqual({
        from,
        configured: expect.arrayContaining([handler]) as unknown,
        served: expect.stringContaining(handler) as unknown,
        release: expect.objectContaining({ kind: 'directory' }) as unknown,
      });
    }
    expect(started).toBeGreaterThan(0);
  });

  test('succeeds when a sandbox ends between any two queries, and nothing is left to do', async () => {
    const count = await countLooks(scenario);
    for (let to = 1; to <= count + 2; to += 1) {
      const { node } = await runWith(scenario, 0, to);
      await scenario.act(node.installation(scenario.settings, { sandboxes: none }));
      const left = await node.installation(scenario.settings, { sandboxes: none }).planRemoval();
      expect({ to, waitingFor: left.plan.waitingFor }).toEqual({ to, waitingFor: [] });
    }
  });
});
