/** The commands that are interrupted, and the machines on which they run. */
import type { Payload } from '@kata/artifacts';
import type { Settings } from '../settings/index.ts';
import { someSettings } from './some-settings.ts';
import { type Machine, MemoryNode } from './memory-node.ts';
import { upstreamNode } from './upstream-node.ts';

export interface Scenario {
  readonly name: string;
  readonly machine: Machine;
  readonly prepare: (node: MemoryNode) => Promise<unknown>;
  readonly act: (node: MemoryNode) => Promise<unknown>;
  /** What the engine may serve, too, when it starts amidst the command. */
  readonly servedBetween?: readonly string[];
}

const main = `version = 2   # ours
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
\truntime_type = "io.containerd.runc.v2"\t# keep
`;
const edited = {
  '/etc/containerd/config.toml': { content: main, mode: 0o640 },
  '/opt/cni/bin': { directory: true },
} as const;

const machines: readonly Machine[] = [
  { name: 'containerd 2.2', version: '2.2.1', files: edited },
  { name: 'containerd 1.7', version: '1.7.30', files: edited },
  { name: 'containerd 2.2 without files', version: '2.2.1', files: { '/etc': { directory: true } } },
];

const settings = (...names: readonly string[]): Settings => someSettings(names);

export function scenarios(first: Payload, second: Payload): readonly Scenario[] {
  const both = settings('qemu-snp', 'remote');
  const install = async (node: MemoryNode): Promise<unknown> => await node.installation(both).install(first);
  const remove = async (node: MemoryNode): Promise<unknown> => {
    const installation = node.installation(both);
    return await installation.remove(await installation.planRemoval());
  };
  const commands: readonly Omit<Scenario, 'machine'>[] = [
    { name: 'install', prepare: async () => undefined, act: install },
    { name: 'install again', prepare: install, act: install },
    { name: 'upgrade', prepare: install, act: async (node) => await node.installation(both).install(second) },
    {
      name: 'drop a shim',
      prepare: install,
      act: async (node) => await node.installation(settings('remote')).install(first),
    },
    {
      name: 'removal',
      prepare: install,
      act: remove,
    },
  ];
  const usual = machines.flatMap((machine) =>
    commands.map((command) => ({ ...command, name: `${command.name} on ${machine.name}`, machine })),
  );
  return [...usual, ...adoptions(install, remove)];
}

/** One of upstream's handlers stays, one goes, one comes. */
function adoptions(install: Scenario['act'], remove: Scenario['act']): readonly Scenario[] {
  const nodes = [upstreamNode('2.2'), upstreamNode('1.7'), upstreamNode('1.6')];
  return nodes.flatMap((machine) => [
    {
      name: `adoption on ${machine.name}`,
      machine,
      prepare: async () => undefined,
      act: install,
      servedBetween: ['kata-remote', 'kata-remote by shim 3.23.0', 'kata-remote by shim 3.24.0'],
    },
    { name: `removal after adoption on ${machine.name}`, machine, prepare: install, act: remove },
  ]);
}

export async function prepared({ machine, prepare }: Scenario): Promise<MemoryNode> {
  const node = await MemoryNode.start(machine);
  await prepare(node);
  return node;
}
