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

const restartsOf = ({ host }: MemoryNode): number => host.units.restarts.length;

/** What another tool writes, with the time that its clock says. */
async function edit(node: MemoryNode, offsetMs: number): Promise<void> {
  const text = (await node.host.files.read(main))?.toString() ?? '';
  node.host.advance(offsetMs);
  node.host.files.seed(main, { content: `${text}# by another tool\n`, mode: 0o640 });
  node.host.advance(-offsetMs);
}

describe('a file of the engine whose time lies', () => {
  test('in the future (cases/13-mtime-in-future) costs no restart but the first, and no run fails', async () => {
    const node = await MemoryNode.start(usualMachine);
    await edit(node, day);
    await node.installation(both).install(payloads.first);
    expect(restartsOf(node)).toBe(1);

    const { plan } = await node.installation(both).install(payloads.first);

    expect([plan.actions, plan.notes, restartsOf(node)]).toEqual([[], [], 1]);
  });

  test('in the future, edited after the installation, costs none either', async () => {
    const node = await installed();
    await edit(node, day);

    await node.installation(both).install(payloads.first);

    expect(restartsOf(node)).toBe(1);
  });

  test('because the clock was set back after the start is no reason to restart', async () => {
    const node = await installed();
    node.host.advance(-day);

    await node.installation(both).install(payloads.first);

    expect(restartsOf(node)).toBe(1);
  });
});

test('what an administrator edits for later is not brought in force by the way', async () => {
  const node = await installed();
  node.host.advance(1000);
  await edit(node, 0);

  await node.installation(both).install(payloads.first);

  expect(restartsOf(node)).toBe(1);
});

test('a restart that has to be done names what others edited and the engine may not have loaded', async () => {
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

/** Ends the command before a write to the journal; `wanted` is asked with the engine's restarts by then. */
async function killAtJournal(
  node: MemoryNode,
  wanted: (restarts: number, text: string) => boolean,
  act: () => Promise<unknown>,
): Promise<void> {
  let isKilled = false;
  node.onStep = ({ path }) => {
    const isNote = path.includes('journal.json');
    const text = isNote ? (node.host.files.snapshot('/opt/kata/state')[journal] ?? '') : '';
    isKilled ||= isNote && wanted(restartsOf(node), text);
    // From then on it does nothing any more.
    if (isKilled) throw new Killed();
  };
  await expect(act()).rejects.toThrow();
  expect(isKilled).toBe(true);
  node.onStep = undefined;
}

describe('a run that was killed', () => {
  test('by its own restart finds it done and does not restart again', async () => {
    const node = await MemoryNode.start(usualMachine);
    await killAtJournal(
      node,
      (restarts) => restarts === 1,
      async () => await node.installation(both).install(payloads.first),
    );

    await node.installation(both).install(payloads.first);

    expect(restartsOf(node)).toBe(1);
    expect(node.host.files.snapshot('/opt/kata/state')[journal]).toBeUndefined();
  });

  test('between its last write and the note of it counts as not loaded, even when the engine was started by others', async () => {
    const node = await MemoryNode.start(usualMachine);
    await killAtJournal(
      node,
      (_, text) =>
        text.includes('before') && text.trimEnd().endsWith(']') && /edit .*config\.toml"/.test(text),
      async () => await node.installation(both).install(payloads.first),
    );
    await node.restartByOthers();

    await node.installation(both).install(payloads.first);

    expect(restartsOf(node)).toBe(1);
  });

  test('after it noted its last write, and others started the engine: it is not restarted again', async () => {
    const node = await MemoryNode.start(usualMachine);
    await killAtJournal(
      node,
      (_, text) => text.includes('changedDuring'),
      async () => await node.installation(both).install(payloads.first),
    );
    await node.restartByOthers();

    await node.installation(both).install(payloads.first);

    expect(restartsOf(node)).toBe(0);
    expect(node.served()).toContain('kata-remote');
  });

  test('after the switch to a shim that says something else of itself restarts, for the engine keeps what it heard', async () => {
    const node = await installed();
    await killAtJournal(
      node,
      (_, text) => /after",\s*"action": "relink \/opt\/kata\/current/.test(text),
      async () => await node.installation(both).install(payloads.second),
    );

    await node.installation(both).install(payloads.second);

    expect(restartsOf(node)).toBe(2);
    expect(node.served()).toContain('shim 3.25.0');
  });

  test('by an older version, whose journal does not say, restarts once', async () => {
    const node = await installed();
    const entry = { goal: { command: 'install' }, step: 0, phase: 'before', action: 'x', time: 'y' };
    node.host.files.seed(journal, JSON.stringify([entry]));

    await node.installation(both).install(payloads.first);
    await node.installation(both).install(payloads.first);

    expect(restartsOf(node)).toBe(2);
  });
});

test('issue 12.6: an engine that others started so often that systemd would refuse one more is restarted', async () => {
  const node = await MemoryNode.start(usualMachine, 3);
  for (let starts = 0; starts < 3; starts += 1) await node.restartByOthers();

  await node.installation(both).install(payloads.first);

  expect([restartsOf(node), node.served()]).toEqual([1, expect.stringContaining('kata-remote')]);
});

describe('a stage that is undone while an earlier one is open', () => {
  async function undone(fails: (node: MemoryNode) => void): Promise<number> {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).installStage(payloads.first, 'artifacts');
    fails(node);
    await expect(node.installation(both).installStage(payloads.first, 'cri')).rejects.toThrow();
    node.onStep = undefined;
    const restarts = restartsOf(node);

    const installation = node.installation(both);
    await installation.remove(await installation.planRemoval());

    return restartsOf(node) - restarts;
  }

  test('leaves nothing that the engine has not loaded: it was started again', async () => {
    expect(await undone((node) => (node.refusesStart = true))).toBe(0);
  });

  test('leaves nothing that the engine has not loaded: it was not started', async () => {
    const fails = (node: MemoryNode): void => {
      node.onStep = ({ call, path }) => {
        if (call === 'rename' && path.includes(main)) throw systemError('EIO', call, path);
      };
    };
    expect(await undone(fails)).toBe(0);
  });
});

test('issue 12.3: what others write while a removal edits is noticed before anything is deleted', async () => {
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
