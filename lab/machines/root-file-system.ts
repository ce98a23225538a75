/** The root file system that all machines of a lab share: Debian with systemd, built once by mmdebstrap. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnce } from '../tools/build-once.ts';
import { contentKey } from '../tools/content-key.ts';

const suite = 'bookworm';

const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'procps',
  'kmod',
  'ca-certificates',
  'iproute2',
  'iptables',
  'nftables',
  'conntrack',
  'ethtool',
  'socat',
  'containerd',
  'runc',
  'conmon',
  'docker-registry',
  'busybox-static',
  'catatonit',
  'strace',
  'zstd',
];

// Not used on nodes, and a third of the size.
const leftOut = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/info/*'];

function rootFileSystemDirectory(cache: string): string {
  return join(cache, 'rootfs', contentKey([suite, ...packages, ...leftOut]));
}

export async function buildRootFileSystem(cache: string, say: (detail: string) => void): Promise<string> {
  const directory = rootFileSystemDirectory(cache);
  const sources = await hostSources();
  const wasBuilt = await buildOnce({
    cache,
    directory,
    command: (unfinished) => [
      // In its own namespaces: mounts and processes of mmdebstrap end with it, even when it is killed.
      ...['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['mmdebstrap', '--mode=root', '--variant=apt', `--include=${packages.join(',')}`],
      '--aptopt=Acquire::Languages "none"',
      ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      suite,
      unfinished,
      ...sources,
    ],
    onLine: (line) => {
      say(line.replace(/^I: /, '').slice(0, 60));
    },
  });
  say(wasBuilt ? 'built' : 'cached');
  return directory;
}

/** This machine's own package sources when it runs the same Debian, because those are reachable. */
async function hostSources(): Promise<readonly string[]> {
  const release = await readFile('/etc/os-release', 'utf8');
  if (!release.includes(`VERSION_CODENAME=${suite}`)) return [];
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    try {
      if ((await readFile(file, 'utf8')).includes(suite)) return [file];
    } catch {
      // Not this one.
    }
  }
  return [];
}
