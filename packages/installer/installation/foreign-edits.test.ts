/** issue 12.1: another tool edits the engine's files between any two changes of ours, and no edit is lost. */
import { expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { randomNumbers, readSeed } from '../testkit/random-choice.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { editedCommands, editMain, readText, injectForeignEdits } from '../testkit/inject-foreign-edits.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const main = '/etc/containerd/config.toml';

const payloads = usePayloads();

const install = async (node: MemoryNode): Promise<unknown> =>
  await node.installation(both).install(payloads.first);

const seed = readSeed(process.env, Date.now());

// Every change: `make crash-memory`.
test(
  'an edit of another program before a random sample of changes is kept, and the result is the same as without it',
  { timeout: 120_000 },
  async () => {
    const sample = { random: randomNumbers(seed), count: 6 };
    const wrong: string[] = [];
    for (const command of editedCommands(payloads.first, payloads.second)) {
      const { cases, failures } = await injectForeignEdits(command, sample);
      expect(cases).toBeGreaterThan(0);
      wrong.push(...failures);
    }

    expect(wrong, `to repeat it: SEED=${seed}`).toEqual([]);
  },
);

test('a file that changes during every attempt is named, and all changes are rolled back', async () => {
  const node = await MemoryNode.start(usualMachine);
  let edits = 0;
  node.onStep = ({ call, path }) => {
    if (call !== 'create' || !path.startsWith('/etc/containerd/.config.toml')) return;
    edits += 1;
    editMain(node, `theirs-${edits}`);
  };

  await expect(install(node)).rejects.toMatchObject({
    code: 'KATA_ENGINE_FILE_CHANGING',
    exitCode: 75,
    message: `${main} is being modified concurrently: its text changed during 5 attempts in a row`,
  });

  expect(readText(node, main)).toMatch(/theirs-1(.|\n)*theirs-5/);
  expect(readText(node, main)).not.toContain('kata');
  expect(await node.host.files.list('/opt')).toEqual(['cni']);
  expect(node.host.units.restarts).toEqual([]);
});

test('a file that another program reverts at once is named, and not edited again', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = readText(node, main) ?? '';
  node.onChange = ({ path }) => {
    const isEnd = path.endsWith('/ownership.json') && node.restarts === 1;
    if (isEnd) node.host.files.seed(main, { content: before, mode: 0o640 });
  };

  await expect(install(node)).rejects.toMatchObject({
    code: 'KATA_ENGINE_FILE_PUT_BACK',
    message: `another program reverted ${main} right after kata-deploy edited it`,
  });
  expect(node.host.units.restarts).toHaveLength(1);
});
