/** Edits the engine's main file, as another tool would, before changes of a command; no edit may be lost. */
import type { Payload } from '@kata/artifacts';
import type { HostPath } from '@kata/host';
import { MemoryNode } from './memory-node.ts';
import { choose, type Sample } from './random-choice.ts';
import { usualMachine } from './scenarios.ts';
import { someSettings } from './some-settings.ts';
import { differenceOf, type InjectionResult } from './injection-result.ts';

const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);
const main: HostPath = '/etc/containerd/config.toml';

export interface EditedCommand {
  readonly name: string;
  readonly prepare: (node: MemoryNode) => Promise<unknown>;
  readonly act: (node: MemoryNode) => Promise<unknown>;
  /** The engine refuses to start once. */
  readonly fails?: boolean;
}

export function readText(node: MemoryNode, path: HostPath): string | undefined {
  const found = node.host.files.snapshot('/etc')[path];
  return found?.slice(found.indexOf(' ') + 1);
}

const addition = (mark: string): string => `\n[plugins."${mark}"]\nkept = true\n`;

/** Reads and writes the main file without a concurrent edit in between. */
export function editMain(node: MemoryNode, mark: string): void {
  node.host.files.seed(main, { content: (readText(node, main) ?? '') + addition(mark), mode: 0o640 });
}

export function editedCommands(first: Payload, second: Payload): readonly EditedCommand[] {
  const install = async (node: MemoryNode): Promise<unknown> => await node.installation(both).install(first);
  const drop = async (node: MemoryNode): Promise<unknown> => await node.installation(remote).install(second);
  const refusing = (act: EditedCommand['act']) => async (node: MemoryNode) => {
    node.refusesStart = true;
    await act(node);
  };
  return [
    { name: 'an installation', prepare: async () => undefined, act: install },
    {
      name: 'an upgrade',
      prepare: install,
      act: async (node) => await node.installation(both).install(second),
    },
    { name: 'an upgrade that drops a shim', prepare: install, act: drop },
    {
      name: 'a removal',
      prepare: install,
      act: async (node) => await node.remove(both),
    },
    {
      name: 'an installation that is rolled back',
      prepare: async () => undefined,
      act: refusing(install),
      fails: true,
    },
    {
      name: 'an upgrade that drops a shim and is rolled back',
      prepare: install,
      act: refusing(drop),
      fails: true,
    },
  ];
}

/** Without a sample, before every change. */
export async function injectForeignEdits(command: EditedCommand, sample?: Sample): Promise<InjectionResult> {
  const [changes, usual] = await runWhole(command);
  const failures: string[] = [];
  let cases = 0;
  for (const at of choose(changes, sample)) {
    cases += 1;
    const problem = await editAt(command, at, usual).catch(String);
    if (problem !== undefined)
      failures.push(`${command.name}, before change ${at} of ${changes}: ${problem}`);
  }
  return { cases, disks: cases, failures };
}

/** Runs without an edit: returns the number of changes, and the node afterwards. */
async function runWhole(command: EditedCommand): Promise<readonly [number, MemoryNode]> {
  const node = await MemoryNode.start(usualMachine);
  await command.prepare(node);
  let changes = 0;
  node.onChange = () => {
    changes += 1;
  };
  await expectEnd(node, command);
  return [changes, node];
}

async function expectEnd(node: MemoryNode, { act, fails = false }: EditedCommand): Promise<void> {
  const outcome = await act(node).then(
    () => 'it did not fail',
    (error: unknown) => String(error),
  );
  node.onChange = undefined;
  if (fails === (outcome === 'it did not fail')) throw new Error(outcome);
}

/** Undefined when the result differs only by the edit. */
async function editAt(command: EditedCommand, at: number, usual: MemoryNode): Promise<string | undefined> {
  const node = await MemoryNode.start(usualMachine);
  await command.prepare(node);
  let change = 0;
  node.onChange = () => {
    if (change === at) editMain(node, 'theirs');
    change += 1;
  };
  await expectEnd(node, command);
  await node.checkEngine();
  const text = readText(node, main) ?? '';
  if (!text.includes(addition('theirs'))) return `the edit is lost:\n${text}`;
  if (text.replace(addition('theirs'), '') !== readText(usual, main)) return `the file is another:\n${text}`;
  if (node.served() !== usual.served()) return `the engine serves ${node.served()}`;
  return differenceOf(comparable(node), comparable(usual));
}

/** Without the main file, and the record, which has its text, too. */
function comparable(node: MemoryNode): Readonly<Record<string, string>> {
  const { [main]: _, '/opt/kata/state/ownership.json': __, ...rest } = node.tree();
  return rest;
}
