/** issue 12.2: when the engine is restarted, and when it is not. */
import { describe, expect, test } from 'vitest';
import { type HostPath, systemError } from '@kata/host';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const main: HostPath = '/etc/containerd/config.toml';
const journal = '/opt/kata/state/journal.json';
const day = 86_400_000;

const payloads = usePayloads();

class Killed extends Error {}

async function installed(): Promise<MemoryNode> {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  return node;
}

/** An edit by another tool, with a shifted file time. */
async function edit(node: MemoryNode, offsetMs: number): Promise<void> {
  const text = (await node.host.files.read(main))?.toString() ?? '';
  node.host.advance(offsetMs);
  node.host.files.seed(main, { content: `${text}# by another tool\n`, mode: 0o640 });
  node.host.advance(-offsetMs);
}

describe('an engine file with a wrong time', () => {
  test('in the future (cases/13-mtime-in-future) costs only the first restart, and no run fails', async () => {
    const node = await MemoryNode.start(usualMachine);
    await edit(node, day);
    await node.installation(both).install(payloads.first);
    expect(node.restarts).toBe(1);

    const { plan } = await node.installation(both).install(payloads.first);

    expect([plan.actions, plan.notes, node.restarts]).toEqual([[], [], 1]);
  });

  test('in the future, edited after the installation, costs no restart', async () => {
    const node = await installed();
    await edit(node, day);

    await node.installation(both).install(payloads.first);

    expect(node.restarts).toBe(1);
  });

  test('because the clock was set back is no reason to restart', async () => {
    const node = await installed();
    node.host.advance(-day);

    await node.installation(both).install(payloads.first);

    expect(node.restarts).toBe(1);
  });
});

test('a foreign edit is no reason to restart', async () => {
  const node = await installed();
  node.host.advance(1000);
  await edit(node, 0);

  await node.installation(both).install(payloads.first);

  expect(node.restarts).toBe(1);
});

test('a necessary restart names foreign edits that the engine may not have loaded', async () => {
  const node = await installed();
  node.host.advance(1000);
  await edit(node, 0);

  const upgrade = await node.installation(both).planInstall(payloads.second);
  const removal = await node.installation(both).planRemoval();

  const note =
    'the restart of containerd.service also activates changes that others made since its last start: /etc/containerd/config.toml';
  expect(upgrade.notes).toEqual([note]);
  expect(removal.plan.notes).toContain(note);
});

/** Kills the command before a write to the journal: the first for which `wanted` is true, by the number of restarts so far. */
async function killAtJournal(
  node: MemoryNode,
  wanted: (restarts: number, text: string) => boolean,
  act: () => Promise<unknown>,
): Promise<void> {
  let isKilled = false;
  node.onStep = ({ path }) => {
    const isNote = path.includes('journal.json');
    const text = isNote ? (node.host.files.snapshot('/opt/kata/state')[journal] ?? '') : '';
    isKilled ||= isNote && wanted(node.restarts, text);
    // Every later step fails, too.
    if (isKilled) throw new Killed();
  };
  await expect(act()).rejects.toThrow();
  expect(isKilled).toBe(true);
  node.onStep = undefined;
}

describe('a run that was killed', () => {
  test('by its own restart is completed without another restart', async () => {
    const node = await MemoryNode.start(usualMachine);
    await killAtJournal(
      node,
      (restarts) => restarts === 1,
      async () => await node.installation(both).install(payloads.first),
    );

    await node.installation(both).install(payloads.first);

    expect(node.restarts).toBe(1);
    expect(node.host.files.snapshot('/opt/kata/state')[journal]).toBeUndefined();
  });

  test('between its last write and the journal note counts as not loaded, even after another start of the engine', async () => {
    const node = await MemoryNode.start(usualMachine);
    await killAtJournal(
      node,
      (_, text) =>
        text.includes('before') && text.trimEnd().endsWith(']') && /edit .*config\.toml"/.test(text),
      async () => await node.installation(both).install(payloads.first),
    );
    await node.restartByOthers();

    await node.installation(both).install(payloads.first);

    expect(node.restarts).toBe(1);
  });

  test('after the journal note of its last write is completed without a restart when the engine was started since', async () => {
    const node = await MemoryNode.start(usualMachine);
    await killAtJournal(
      node,
      (_, text) => text.includes('changedDuring'),
      async () => await node.installation(both).install(payloads.first),
    );
    await node.restartByOthers();

    await node.installation(both).install(payloads.first);

    expect(node.restarts).toBe(0);
    expect(node.served()).toContain('kata-remote');
  });

  test('after the switch to a shim with other information restarts the engine, which caches that information', async () => {
    const node = await installed();
    await killAtJournal(
      node,
      (_, text) => /after",\s*"action": "relink \/opt\/kata\/current/.test(text),
      async () => await node.installation(both).install(payloads.second),
    );

    await node.installation(both).install(payloads.second);

    expect(node.restarts).toBe(2);
    expect(node.served()).toContain('shim 3.25.0');
  });

  test('and whose older version has no engine note in the journal restarts once', async () => {
    const node = await installed();
    const entry = { goal: { command: 'install' }, step: 0, phase: 'before', action: 'x', time: 'y' };
    node.host.files.seed(journal, JSON.stringify([entry]));

    await node.installation(both).install(payloads.first);
    await node.installation(both).install(payloads.first);

    expect(node.restarts).toBe(2);
  });
});

test('issue 12.6: an engine that has reached the start limit of systemd is restarted', async () => {
  const node = await MemoryNode.start(usualMachine, { startLimit: 3 });
  for (let starts = 0; starts < 3; starts += 1) await node.restartByOthers();

  await node.installation(both).install(payloads.first);

  expect([node.restarts, node.served()]).toEqual([1, expect.stringContaining('kata-remote')]);
});

describe('a stage that is rolled back while an earlier one is unfinished', () => {
  async function undone(fails: (node: MemoryNode) => void): Promise<number> {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).installStage(payloads.first, 'artifacts');
    fails(node);
    await expect(node.installation(both).installStage(payloads.first, 'cri')).rejects.toThrow();
    node.onStep = undefined;
    const restarts = node.restarts;

    await node.remove(both);

    return node.restarts - restarts;
  }

  test('needs no restart later when the engine was started again', async () => {
    expect(await undone((node) => (node.refusesStart = true))).toBe(0);
  });

  test('needs no restart later when the engine was not started', async () => {
    const fails = (node: MemoryNode): void => {
      node.onStep = ({ call, path }) => {
        if (call === 'rename' && path.includes(main)) throw systemError('EIO', call, path);
      };
    };
    expect(await undone(fails)).toBe(0);
  });
});

test('issue 12.3: a concurrent edit during a removal is detected before anything is deleted', async () => {
  const neighbour: HostPath = '/etc/containerd/conf.d/99-gpu.toml';
  const files = { [main]: 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n', [neighbour]: '' };
  const node = await MemoryNode.start({ ...usualMachine, files });
  await node.installation(both).install(payloads.first);
  const before = Object.keys(node.tree()).filter((path) => path.startsWith('/opt/kata/releases'));
  const removal = await node.installation(both).planRemoval();
  node.onChange = ({ path }) => {
    if (path.startsWith('/etc/containerd/')) node.host.files.seed(neighbour, 'version = 9\n');
  };

  await expect(node.installation(both).remove(removal)).rejects.toMatchObject({
    message: expect.stringContaining(neighbour) as string,
  });

  expect(Object.keys(node.tree()).filter((path) => path.startsWith('/opt/kata/releases'))).toEqual(before);
  expect(await node.host.files.info('/opt/kata/current')).toBeDefined();
});
