/** Machines with all variants of containerd's configuration, for the shared conformance suite. */
import { readFileSync } from 'node:fs';
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { TomlDocument } from '@kata/toml';
import type { EngineFixture, Refusals } from '../../conformance/fixture.ts';
import type { TestedEngine } from '../../conformance/trial.ts';
import { expected } from './conformance-expected.ts';
import { type ContainerdFacts, containerd } from '../index.ts';
import { platformsPath, runtimesPaths } from '../loaders.ts';
import { location } from '../location.ts';
import { oracle } from './oracle.ts';

const main: HostPath = '/etc/containerd/config.toml';

export const tested: TestedEngine<ContainerdFacts> = {
  engine: containerd,
  location,
  problems: (facts) =>
    [...facts.problems, ...facts.typeProblems, ...facts.startProblems].map((problem) => problem.message),
  oracle,
  expected,
  mainPath: main,
  addKeys: (text, handler) =>
    runtimesPaths.reduce((edited, runtimes) => {
      const place = [...runtimes, handler];
      if (edited.get(place) === undefined) return edited;
      const added = edited
        .set([...place, 'base_runtime_spec'], '/etc/containerd/base.json')
        .set([...place, 'snapshotter'], 'zfs');
      const isSplit = runtimes.includes('io.containerd.cri.v1.runtime');
      return isSplit ? added.set([...platformsPath, handler], { snapshotter: 'zfs' }) : added;
    }, TomlDocument.parse(text)).text,
};

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}.toml`, import.meta.url), 'utf8');
const cri = 'io.containerd.grpc.v1.cri';
const gpu = `version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia]\nruntime_type = 'n'\n`;
const edited = fixture('edited-2');
const shared = 'imports = ["/etc/containerd/conf.d/*.toml"]\n';

/** By their files; `schema`: the one in which containerd 2.0 to 2.2 reads all files. */
const machines: Readonly<
  Record<
    string,
    {
      readonly files: Readonly<Record<HostPath, MemorySeed>>;
      readonly schema?: 2 | 3;
      readonly refuses?: Refusals;
    }
  >
> = {
  'no file': { files: {} },
  'an empty file': { files: { [main]: '' } },
  'no version': { files: { [main]: 'root = "/r"\n' } },
  'schema 1': { files: { [main]: 'version = 1\n[plugins.cri]\nsandbox_image = "p"\n' } },
  'schema 2': { files: { [main]: edited }, schema: 2 },
  CRLF: { files: { [main]: edited.replaceAll('\n', '\r\n') }, schema: 2 },
  'a byte order mark': { files: { [main]: `\uFEFF${edited}` }, schema: 2 },
  'no final newline': { files: { [main]: edited.trimEnd() }, schema: 2 },
  'empty lines at its end': { files: { [main]: `${edited}\n\n` }, schema: 2 },
  'a file behind a link': {
    files: {
      [main]: { link: '../../usr/share/containerd.toml' },
      '/usr/share/containerd.toml': { content: edited, mode: 0o600 },
    },
    schema: 2,
  },
  'files that import each other': {
    files: {
      [main]: 'version = 2\nimports = ["a.toml"]\n',
      '/etc/containerd/a.toml': 'version = 2\nimports = ["config.toml", "a.toml"]\n',
    },
    schema: 2,
  },
  'a level of its own': { files: { [main]: 'version = 2\n[debug]\n  level = "info" # ops\n' }, schema: 2 },
  'a level in an inline table': { files: { [main]: 'version = 2\ndebug = { level = "warn" }\n' }, schema: 2 },
  'a dotted level': { files: { [main]: "version = 2\n'debug' . level = 'warn'\n" }, schema: 2 },
  'an empty table for debugging': { files: { [main]: 'version = 2\n[debug]\n' }, schema: 2 },
  'debugging already': { files: { [main]: 'version = 2\n[debug]\nlevel = "debug"\n' }, schema: 2 },
  'tracing already': { files: { [main]: 'version = 2\n[debug]\nlevel = "trace"\n' }, schema: 2 },
  'an empty list of imports': { files: { [main]: 'version = 2\nimports = []\n' }, schema: 2 },
  'a directory for drop-ins': { files: { [main]: `version = 2\n${shared}` }, schema: 2 },
  'the default of 1.7': { files: { [main]: fixture('default-1.7') }, schema: 2 },
  'comments only': { files: { [main]: '# nothing set\n' } },
  'inline tables and dotted keys': {
    files: {
      [main]: `version = 2\nplugins."${cri}".containerd.runtimes = { runc = { runtime_type = "r" } } # dense\n`,
    },
    schema: 2,
  },
  'a section that an imported file replaces': {
    files: {
      [main]: `version = 2\nimports = ["more/*.toml"]\n[plugins."${cri}"]\nsandbox_image = "lost"\n`,
      '/etc/containerd/more/1.toml': `version = 2\n[plugins."${cri}"]\nsandbox_image = "kept" # by ops\n`,
    },
    schema: 2,
  },
  'a relative pattern': {
    files: {
      [main]: 'version = 2\nimports = ["extra/*.toml"]\n',
      '/etc/containerd/extra/1.toml': `version = 2\n[plugins."${cri}"]\nsandbox_image = "next to the file"\n`,
      '/extra/1.toml': `version = 2\n[plugins."${cri}"]\nsandbox_image = "in the working directory"\n`,
    },
    schema: 2,
  },
  'CRI disabled, as Docker packages it': {
    files: { [main]: 'version = 2\ndisabled_plugins = ["cri"]\n' },
    schema: 2,
    refuses: { handlers: 'KATA_ENGINE_CRI_DISABLED' },
  },
};

const newMachines: typeof machines = {
  'schema 2 with names of schema 3': {
    files: {
      [main]: `version = 2\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]\nBinaryName = "/r"\n`,
    },
    schema: 2,
  },
  'schema 3': { files: { [main]: 'version = 3\n' } },
  'a directory for drop-ins in schema 3': { files: { [main]: `version = 3\n${shared}` } },
  'a runtime with a platform': {
    files: {
      [main]: `version = 3
[plugins.'io.containerd.cri.v1.images'.runtime_platforms.nv]
snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.nv]
runtime_type = "n"
`,
    },
  },
  'imports on several lines': {
    files: {
      [main]: fixture('edited-3'),
      '/etc/containerd/gpu.toml': gpu,
      '/etc/containerd/extra/z.toml': 'version = 3\n[debug]\naddress = "/d"\n',
    },
  },
  'a directory for drop-ins with a foreign file': {
    files: { [main]: `version = 3\n${shared}`, '/etc/containerd/conf.d/gpu.toml': gpu },
  },
  'the default of 2.2': { files: { [main]: fixture('default-2.2') } },
};

/** By version, those that follow it, also older ones; and machines that lose our handlers with the first of them. */
const successors: Readonly<
  Record<string, { readonly nextVersions: readonly string[]; readonly losing: readonly string[] }>
> = {
  // 2.0 to 2.2 does not read the short name of the CRI plugin in a file of schema 1.
  '1.7.30': {
    nextVersions: ['2.2.1', '1.7.29'],
    losing: ['an empty file', 'no version', 'schema 1', 'comments only'],
  },
  // 2.3.0 does not start with a drop-in above the main file.
  '2.2.1': { nextVersions: ['2.3.0', '2.4.2'], losing: ['schema 1'] },
  // On 2.2 names of schema 3 hide those of schema 2.
  '2.4.2': { nextVersions: ['2.2.1'], losing: ['schema 2 with names of schema 3'] },
};

function successorsOf(
  version: string,
  machine: string,
): Pick<EngineFixture, 'nextVersions' | 'losesOursWith'> {
  const { nextVersions, losing } = successors[version] ?? { nextVersions: [], losing: [] };
  return {
    nextVersions,
    // For 1.7 the section in a drop-in replaces that of the main file.
    losesOursWith: [...(losing.includes(machine) ? nextVersions.slice(0, 1) : []), '1.7.29'],
  };
}

/** All machines whose files this version can read. */
export function fixturesOf(version: string): readonly EngineFixture[] {
  const isOne = version.startsWith('1.');
  const all = isOne ? machines : { ...machines, ...newMachines };
  return Object.entries(all).map(([name, { files, schema = 3, refuses }]) => ({
    name,
    version,
    ...successorsOf(version, name),
    files,
    userDropIn: isOne ? undefined : userDropIn(schema),
    refuses: { ...refuses, ...refusedBy(version, name) },
  }));
}

function userDropIn(schema: number): EngineFixture['userDropIn'] {
  return {
    text: `version = ${schema}\n[proxy_plugins.mine]\ntype = "snapshot"\naddress = "/run/mine.sock"\n`,
    settings: { 'proxy_plugins mine type': 'snapshot', 'proxy_plugins mine address': '/run/mine.sock' },
  };
}

/** 1.6 has one snapshotter for all handlers; 2.3.0 to 2.3.4 do not start with a drop-in above the main file. */
function refusedBy(version: string, machine: string): Refusals {
  if (version.startsWith('1.6.')) return { snapshotter: 'KATA_ENGINE_SNAPSHOTTER' };
  const isAbove = machine === 'schema 1' && /^2\.3\.[0-4]$/.test(version);
  return isAbove ? { userDropIn: 'KATA_ENGINE_USER_DROP_IN' } : {};
}
