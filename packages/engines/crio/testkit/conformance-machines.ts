/** Machines with variants of CRI-O's configuration, for the shared conformance suite. */
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { TomlDocument } from '@kata/toml';
import type { EngineFixture, Refusals } from '../../conformance/fixture.ts';
import type { TestedEngine } from '../../conformance/trial.ts';
import { runtimesPath } from '../effective-config.ts';
import { type CrioFacts, crio } from '../index.ts';
import { location } from '../location.ts';
import { expected } from './conformance-expected.ts';
import { oracle } from './oracle.ts';

const main: HostPath = '/etc/crio/crio.conf';
const dropIns: HostPath = '/etc/crio/crio.conf.d';

export const tested: TestedEngine<CrioFacts> = {
  engine: crio,
  location,
  problems: ({ problems }) => problems.map(({ message }) => message),
  oracle,
  expected,
  mainPath: main,
  addKeys: (text, handler) => {
    const path = [...runtimesPath, handler];
    const document = TomlDocument.parse(text);
    return document.get(path) === undefined
      ? text
      : document.set([...path, 'container_min_memory'], '12MiB').text;
  },
};

const edited = `# ours
[crio]
storage_driver = "overlay"   # by ops
[crio.runtime]
default_runtime = "crun"
  [crio.runtime.runtimes.crun]
  runtime_path = "/usr/libexec/crio/crun"
  monitor_path = '/usr/libexec/crio/conmon'
[crio.image]
pause_image = "registry.example/pause:3.10"
`;

/** As Debian's and upstream's packages of CRI-O have it. */
const packaged = `[crio.image]
signature_policy = "/etc/crio/policy.json"

[crio.runtime]
default_runtime = "crun"

[crio.runtime.runtimes.crun]
runtime_path = "/usr/libexec/crio/crun"
monitor_path = "/usr/libexec/crio/conmon"
allowed_annotations = [
    "io.containers.trace-syscall",
]
`;

const machines: Readonly<
  Record<string, { readonly files: Readonly<Record<HostPath, MemorySeed>>; readonly refuses?: Refusals }>
> = {
  'no file': { files: {} },
  'an empty main file': { files: { [main]: '' } },
  'an edited main file': { files: { [main]: edited } },
  CRLF: { files: { [main]: edited.replaceAll('\n', '\r\n') } },
  'a byte order mark': { files: { [main]: `\uFEFF${edited}` } },
  'no final newline': { files: { [main]: edited.trimEnd() } },
  'the drop-in of its package': { files: { [`${dropIns}/10-crio.conf`]: packaged } },
  'drop-ins around ours': {
    files: {
      [main]: edited,
      [`${dropIns}/01-level`]: '[crio.runtime]\nlog_level = "warn"\n',
      [`${dropIns}/99-zz.conf`]: '[crio.metrics]\nenable_metrics = true\n',
    },
  },
  'a directory among the drop-ins': {
    files: { [`${dropIns}/20-site/a.conf`]: '[crio.api]\nstream_port = "10010"\n' },
  },
  'tracing already': { files: { [main]: '[crio.runtime]\nlog_level = "trace"\n' } },
  'storage options in two files': {
    files: {
      [main]: '[crio]\nstorage_option = ["overlay.mountopt=nodev"]\n',
      [`${dropIns}/10-more`]: '[crio]\nstorage_option = ["overlay.size=10G"]\n',
    },
  },
  'a main file behind a link': {
    files: {
      [main]: { link: '../../usr/share/crio.conf' },
      '/usr/share/crio.conf': { content: edited, mode: 0o600 },
    },
  },
};

export function fixturesOf(version: string): readonly EngineFixture[] {
  return Object.entries(machines).map(([name, { files, refuses }]) => ({
    name,
    version,
    nextVersions: ['1.37.0', '1.35.2'],
    losesOursWith: [],
    files,
    refuses,
  }));
}
