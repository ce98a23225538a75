/** Nodes with an installation of upstream's installer: its tree, its part of containerd's files, its wrappers. */
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import type { Machine } from './memory-node.ts';

type Files = Readonly<Record<HostPath, MemorySeed>>;

/** A generation of upstream's installer. */
interface Generation {
  readonly engine: string;
  readonly version: string;
  /** The schema of containerd's files. */
  readonly plugin: string;
  readonly handlersIn: 'drop-in' | 'main file';
  /** A folder for each handler's configuration, else the shipped file; a path for each shim, else a wrapper. */
  readonly hasRuntimes: boolean;
}

const defaults = '/opt/kata/share/defaults/kata-containers';
export const upstreamMain: HostPath = '/etc/containerd/config.toml';

export const existingConfiguration = `version = 2   # ours
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
\truntime_type = "io.containerd.runc.v2"\t# keep
`;

const generations: Readonly<Record<'2.2' | '1.7' | '1.6', Generation>> = {
  '2.2': {
    engine: '2.2.1',
    version: '3.23.0',
    plugin: 'io.containerd.grpc.v1.cri',
    handlersIn: 'drop-in',
    hasRuntimes: true,
  },
  '1.7': {
    engine: '1.7.30',
    version: '3.23.0',
    plugin: 'io.containerd.grpc.v1.cri',
    handlersIn: 'main file',
    hasRuntimes: true,
  },
  '1.6': {
    engine: '1.6.20',
    version: '3.1.0',
    plugin: 'io.containerd.grpc.v1.cri',
    handlersIn: 'main file',
    hasRuntimes: false,
  },
};

/** `handlers` are names of shims. */
export function upstreamNode(
  name: keyof typeof generations,
  handlers: readonly string[] = ['remote', 'clh'],
  others: Files = {},
): Machine {
  const generation = generations[name];
  return {
    name: `a node of upstream with containerd ${name}`,
    version: generation.engine,
    files: {
      '/opt/cni/bin': { directory: true },
      ...treeFiles(generation, handlers),
      ...engineFiles(generation, handlers),
      ...(generation.hasRuntimes ? {} : wrappers(handlers)),
      ...others,
    },
  };
}

function treeFiles({ version, hasRuntimes }: Generation, handlers: readonly string[]): Files {
  const files: Record<HostPath, MemorySeed> = {
    '/opt/kata/VERSION': `${version}\n`,
    '/opt/kata/versions.yaml': 'assets: {}\n',
    '/opt/kata/bin/containerd-shim-kata-v2': { content: `shim ${version}`, mode: 0o755 },
    '/opt/kata/libexec/virtiofsd': { content: 'virtiofsd', mode: 0o755 },
    '/opt/kata/share/vmlinux-1': 'same',
    '/opt/kata/share/vmlinux': { link: '/opt/kata/share/vmlinux-1' },
    '/opt/kata/share/ovmf': 'same',
  };
  for (const handler of handlers) {
    const text = `[hypervisor.${handler}]\npath = "/opt/kata/bin/${handler}"\n`;
    const shipped: HostPath = `${defaults}/configuration-${handler}.toml`;
    if (!hasRuntimes) {
      files[shipped] = text;
      continue;
    }
    const own = `runtimes/${handler}/configuration-${handler}.toml`;
    files[`${defaults}/${own}`] = text;
    files[shipped] = { link: own };
    files[`${defaults}/runtimes/${handler}/config.d`] = { directory: true };
  }
  return files;
}

function engineFiles(generation: Generation, handlers: readonly string[]): Files {
  const tables = handlers.map((handler) => handlerTable(generation, handler)).join('');
  if (generation.handlersIn === 'main file') {
    return {
      [upstreamMain]: { content: `${existingConfiguration}${tables}`, mode: 0o640 },
      [`${upstreamMain}.bak`]: { content: '# before an edit of the administrator\n', mode: 0o640 },
    };
  }
  const dropIn: HostPath = '/opt/kata/containerd/config.d/kata-deploy.toml';
  return {
    [upstreamMain]: { content: `imports = ["${dropIn}"]\n${existingConfiguration}`, mode: 0o640 },
    [dropIn]: `version = 2\n${tables}`,
  };
}

function handlerTable({ plugin, hasRuntimes }: Generation, handler: string): string {
  const table = `plugins."${plugin}".containerd.runtimes.kata-${handler}`;
  const configuration = hasRuntimes
    ? `${defaults}/runtimes/${handler}/configuration-${handler}.toml`
    : `${defaults}/configuration-${handler}.toml`;
  return [
    '',
    `[${table}]`,
    `runtime_type = "io.containerd.kata-${handler}.v2"`,
    ...(hasRuntimes ? ['runtime_path = "/opt/kata/bin/containerd-shim-kata-v2"'] : []),
    'privileged_without_host_devices = true',
    'pod_annotations = ["io.katacontainers.*"]',
    `[${table}.options]`,
    `ConfigPath = "${configuration}"`,
    '',
  ].join('\n');
}

function wrappers(handlers: readonly string[]): Files {
  const files: Record<HostPath, MemorySeed> = {};
  for (const handler of handlers) {
    files[`/usr/local/bin/containerd-shim-kata-${handler}-v2`] = {
      content: [
        '#!/usr/bin/env bash',
        `KATA_CONF_FILE=${defaults}/configuration-${handler}.toml /opt/kata/bin/containerd-shim-kata-v2 "$@"`,
        '',
      ].join('\n'),
      mode: 0o755,
    };
  }
  files['/usr/local/bin/containerd-shim-kata-v2'] = {
    link: `/usr/local/bin/containerd-shim-kata-${handlers[0] ?? ''}-v2`,
  };
  return files;
}
