/** Commands for fault tests, and the machines on which they run. */
import type { Payload, ReleaseManifest } from '@kata/artifacts';
import type { Settings } from '@kata/settings';
import { someSettings } from './some-settings.ts';
import { type Machine, MemoryNode } from './memory-node.ts';
import { upstreamNode } from './upstream-node.ts';

export interface Scenario {
  readonly name: string;
  readonly machine: Machine;
  readonly prepare: (node: MemoryNode) => Promise<unknown>;
  readonly act: (node: MemoryNode) => Promise<unknown>;
  /** Handlers that the engine may serve meanwhile, when one step changes the release and another the handlers. */
  readonly onTheWay?: readonly string[];
}

const main = `version = 2   # ours
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
\truntime_type = "io.containerd.runc.v2"\t# keep
`;
const edited = {
  '/etc/containerd/config.toml': { content: main, mode: 0o640 },
  '/opt/cni/bin': { directory: true },
} as const;

type Command = Omit<Scenario, 'machine'>;

const sandbox = '/run/vc/sbs/0123456789abcdef';

export const usualMachine: Machine = { name: 'containerd 2.2', version: '2.2.1', files: edited };

const machines: readonly Machine[] = [
  usualMachine,
  { name: 'containerd 1.7', version: '1.7.30', files: edited },
  { name: 'containerd 2.2 without files', version: '2.2.1', files: { '/etc': { directory: true } } },
];

const settings = (...names: readonly string[]): Settings => someSettings(names);

/** The same handlers with other settings. */
function proxied(base: Settings): Settings {
  const options = [...base.options].map(
    ([name, option]) => [name, { ...option, httpsProxy: 'http://proxy:3128' }] as const,
  );
  return { ...base, options: new Map(options) };
}

export function scenarios(first: Payload, second: Payload): readonly Scenario[] {
  const both = settings('qemu-snp', 'remote');
  const install = async (node: MemoryNode): Promise<unknown> => await node.installation(both).install(first);
  const remove = async (node: MemoryNode): Promise<unknown> => await node.remove(both);
  const commands: readonly Command[] = [
    { name: 'install', prepare: async () => undefined, act: install },
    { name: 'install again', prepare: install, act: install },
    { name: 'upgrade', prepare: install, act: async (node) => await node.installation(both).install(second) },
    {
      name: 'drop a shim',
      prepare: install,
      act: async (node) => await node.installation(settings('remote')).install(first),
    },
    {
      name: 'add a shim',
      prepare: async (node) => await node.installation(settings('remote')).install(first),
      act: install,
    },
    {
      name: 'change settings',
      prepare: install,
      act: async (node) => await node.installation(proxied(both)).install(first),
    },
    {
      name: 'removal',
      prepare: install,
      act: remove,
    },
    ...storeCommands(first, second),
    ...recordCommands(first, second),
    ...stagedCommands(first, second),
  ];
  const usual = machines.flatMap((machine) =>
    commands.map((command) => ({ ...command, name: `${command.name} on ${machine.name}`, machine })),
  );
  return [...usual, ...adoptions(install, remove)];
}

/** One of upstream's handlers is kept, one is dropped, one is added; the rollback does the reverse. */
function adoptions(install: Scenario['act'], remove: Scenario['act']): readonly Scenario[] {
  const nodes = [upstreamNode('2.2'), upstreamNode('1.7'), upstreamNode('1.6')];
  const onTheWay = ['kata-remote', 'kata-remote by shim 3.23.0', 'kata-remote by shim 3.24.0'];
  const back: Scenario['act'] = async (node) => {
    const installation = node.installation(settings('qemu-snp', 'remote'));
    // With its name, so that another run has the same target.
    await installation.rollback((await installation.readFacts()).record?.adopted?.release);
  };
  return nodes.flatMap((machine) => [
    {
      name: `adoption on ${machine.name}`,
      machine,
      prepare: async () => undefined,
      act: install,
      onTheWay,
    },
    { name: `removal after adoption on ${machine.name}`, machine, prepare: install, act: remove },
    { name: `rollback of an adoption on ${machine.name}`, machine, prepare: install, act: back, onTheWay },
  ]);
}

/** Commands on releases in the store. */
function storeCommands(first: Payload, second: Payload): readonly Command[] {
  const both = settings('qemu-snp', 'remote');
  const back = async (node: MemoryNode): Promise<unknown> =>
    // With its name, so that another run has the same target.
    await node.installation(both).rollback(first.manifest.version);
  const upgraded =
    (before: Settings, after: Settings) =>
    async (node: MemoryNode): Promise<void> => {
      await node.installation(before).install(first);
      await node.installation(after).install(second);
    };
  return [
    { name: 'rollback', prepare: upgraded(both, both), act: back },
    {
      name: 'rollback to other settings',
      prepare: async (node) => {
        await node.installation(both).install(first);
        await node.installation(proxied(both)).install(first);
      },
      act: async (node) => {
        const installation = node.installation(proxied(both));
        const { releases } = await installation.readFacts();
        // The only one without a proxy, so that another run has the same target.
        const isPlain = (manifest: ReleaseManifest): boolean =>
          manifest.schema === 2 &&
          !manifest.generated.some(({ path }) => path.endsWith('kernel-params.toml'));
        await installation.rollback([...releases.values()].find(isPlain)?.id);
      },
    },
    {
      name: 'rollback that adds a handler',
      prepare: upgraded(both, settings('remote')),
      act: back,
      onTheWay: ['kata-remote by shim 3.24.0'],
    },
    {
      name: 'rollback that drops a handler',
      prepare: upgraded(settings('remote'), both),
      act: back,
      onTheWay: ['kata-remote by shim 3.25.0'],
    },
    {
      name: 'prune',
      prepare: async (node) => {
        await node.installation(settings('remote')).install(first);
        node.host.files.seed(sandbox, { directory: true });
        await upgraded(both, both)(node);
        await node.host.files.removeTree(sandbox);
      },
      act: async (node) => await node.installation(both).prune(),
    },
  ];
}

/** Commands that change a field of the record, or run without a record. */
function recordCommands(first: Payload, second: Payload): readonly Command[] {
  const both = settings('qemu-snp', 'remote');
  const upgraded = async (node: MemoryNode): Promise<void> => {
    await node.installation(both).install(first);
    await node.installation(both).install(second);
  };
  const back =
    (holds: boolean): Scenario['act'] =>
    async (node) =>
      await node.installation(both).rollback(first.manifest.version, { holds });
  return [
    { name: 'rollback that holds', prepare: upgraded, act: back(true) },
    { name: 'rollback without a record', prepare: losesRecord(upgraded), act: back(false) },
    {
      name: 'removal without a record',
      prepare: losesRecord(upgraded),
      act: async (node) => await node.remove(both),
    },
  ];
}

function losesRecord(prepare: Scenario['prepare']): Scenario['prepare'] {
  return async (node) => {
    await prepare(node);
    await node.host.files.removeTree('/opt/kata/state');
  };
}

/** Commands in stages, as a Job runs them. */
function stagedCommands(first: Payload, second: Payload): readonly Command[] {
  const both = settings('qemu-snp', 'remote');
  const install = (payload: Payload) => async (node: MemoryNode) => {
    await node.installation(both).installStage(payload, 'artifacts');
    await node.installation(both).installStage(payload, 'cri');
  };
  return [
    { name: 'install in stages', prepare: async () => undefined, act: install(first) },
    { name: 'upgrade in stages', prepare: install(first), act: install(second) },
    {
      name: 'removal in stages',
      prepare: install(first),
      act: async (node) => {
        const installation = node.installation(both);
        for (const stage of ['revert-cri', 'remove-artifacts'] as const) {
          await installation.remove(await installation.planRemoval(stage));
        }
      },
    },
  ];
}

export async function prepared({ machine, prepare }: Scenario): Promise<MemoryNode> {
  const node = await MemoryNode.start(machine);
  await prepare(node);
  return node;
}

/** What the engine may serve at any time; the last entry is the final one. */
export function servedStates({ onTheWay = [] }: Scenario, before: string, after: string): readonly string[] {
  return [before, ...onTheWay, after];
}
