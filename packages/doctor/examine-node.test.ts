import type { Payload } from '@kata/artifacts';
import { KataError } from '@kata/core';
import {
  createLinuxHost,
  type FileInfo,
  type Host,
  type HostPath,
  LinuxFiles,
  type ProgramRun,
} from '@kata/host';
import { MemoryFiles, MemoryHost, type MemorySeed } from '@kata/host/memory';
import { type KataArchitecture, type ShimOptions, shims } from '@kata/kata';
import { describe, expect, test } from 'vitest';
import { lookAtSandboxes, type SandboxAnswer } from '@kata/installer';
import { someSettings } from '@kata/installer/testkit';
import type { Settings } from '@kata/settings';
import type { CheckResult } from './check-result.ts';
import { examineNode } from './examine-node.ts';
import { formatResults } from './format-results.ts';
import type { DoctorOptions } from './probe.ts';

type Seeds = Readonly<Record<HostPath, MemorySeed>>;

/** Files below /dev are devices. */
class FilesWithDevices extends MemoryFiles {
  override async info(path: HostPath): Promise<FileInfo | undefined> {
    const info = await super.info(path);
    return info?.kind === 'file' && path.startsWith('/dev/') ? { ...info, kind: 'other' } : info;
  }
}

const kernel: Seeds = {
  '/proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu vmx smep\n\nprocessor\t: 1\n',
  '/proc/self/mountinfo': '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n',
  '/sys/class/misc/kvm': '',
  '/sys/fs/cgroup': { directory: true },
};

const machine: Seeds = {
  ...kernel,
  '/dev/null': '',
  '/dev/kvm': '',
  '/dev/vhost-vsock': '',
  '/dev/vhost-net': '',
  '/run/systemd/private': '',
  '/run/containerd/containerd.sock': '',
  '/etc/containerd/config.toml': 'version = 2\n',
};

interface Examined {
  readonly files?: Seeds;
  readonly without?: readonly string[];
  /** What a container sees of itself; then the files of the host are those mounted. */
  readonly own?: Seeds;
  /** Parts of the host are mounted at their own paths, among the files of the container. */
  readonly mountsAtRoot?: boolean;
  readonly sandboxes?: readonly string[];
  readonly architecture?: KataArchitecture;
  readonly shims?: readonly string[];
  readonly options?: Readonly<Record<string, Partial<ShimOptions>>>;
  readonly engineVersion?: string | Error;
  /** As the node object has it. */
  readonly node?: string;
  readonly kubelet?: string | Error;
  /** As the node object has it. */
  readonly kubeletVersion?: string | Error;
  readonly freeBytes?: number;
  readonly payload?: Error;
  /** The files are of the time 0. */
  readonly engineStartedAtMs?: number;
  /** What the engine's program answers to what it is asked. */
  readonly program?: (question: string) => Said;
}

interface Said {
  readonly exitCode: number;
  readonly output: string;
}

const accepts = (version: string) => (): Said => ({
  exitCode: 0,
  output: `containerd github.com/containerd/containerd/v2 ${version} abc\n`,
});

async function examine(given: Examined = {}): Promise<readonly CheckResult[]> {
  const { freeBytes = 1e12, engineVersion = '2.2.1', kubelet, kubeletVersion } = given;
  const seeds = Object.entries({ ...machine, ...given.files }).filter(
    ([path]) => given.without?.some((start) => path.startsWith(start)) !== true,
  );
  const files = new FilesWithDevices({ files: Object.fromEntries(seeds), freeBytes });
  const isInContainer = given.own !== undefined;
  const { engineStartedAtMs = 1, program = accepts(String(engineVersion)) } = given;
  const state = { active: 'active', startedAtMs: engineStartedAtMs, program: '/usr/bin/containerd' } as const;
  const units = { 'containerd.service': state };
  const onProgram = async ({ arguments: words, output }: ProgramRun): Promise<number> => {
    const said = program(words.join(' '));
    files.seed(output, said.output);
    return said.exitCode;
  };
  const host: Host = Object.assign(new MemoryHost({ units, onProgram }), {
    files,
    socketPath: (path: HostPath) => (isInContainer ? `/host${path}` : path),
    isPartial: isInContainer || given.mountsAtRoot === true,
  });
  const options: DoctorOptions = {
    host,
    own: isInContainer ? new MemoryFiles({ files: given.own }) : files,
    settings: settings(given),
    engine: {
      version: async () => await answer(engineVersion),
      servedHandlers: async () => [],
    },
    payload: async () => await payloadOr(given.payload),
    sandboxes: async () => await lookAtSandboxes(host, [], async () => await listed(given)),
    ...(kubelet === undefined
      ? {}
      : {
          kubeletConfiguration: async () => ({
            kubeletconfig: { runtimeRequestTimeout: await answer(kubelet) },
          }),
        }),
    ...(kubeletVersion === undefined ? {} : { kubeletVersion: async () => await answer(kubeletVersion) }),
  };
  return await examineNode(options);
}

async function listed({ engineVersion, sandboxes = [] }: Examined): Promise<SandboxAnswer> {
  if (engineVersion instanceof Error) throw engineVersion;
  const running = sandboxes.map((id) => ({ id, handler: 'kata-qemu', podUid: undefined }));
  return { running, allIds: sandboxes };
}

async function payloadOr(error: Error | undefined): Promise<Payload> {
  if (error !== undefined) throw error;
  return {
    directory: '/payload',
    manifest: {
      schema: 1,
      version: '3.24.0',
      architecture: 'amd64',
      components: ['shim-v2-go', 'qemu', 'kernel'].map((name) => ({
        name,
        archive: `kata-static-${name}.tar.zst`,
        archiveSize: 1,
        archivePiecesSha256: '0'.repeat(64),
        entries: [{ kind: 'file', path: `share/${name}`, mode: 0o644, size: 50e6, sha256: '0'.repeat(64) }],
      })),
    },
  };
}

function settings({ architecture = 'x86_64', shims: names = ['qemu'], options, node }: Examined): Settings {
  // Without images, which the payload of this test does not have.
  const chosen = names.flatMap((name) => {
    const shim = shims.get(name);
    const list = shim?.components[architecture]?.filter((each) => /shim-v2-go|^qemu$|kernel$/.test(each));
    return shim === undefined ? [] : { ...shim, components: { [architecture]: list } };
  });
  const plain = someSettings(names);
  const changed = Object.entries(options ?? {}).flatMap(([name, some]): [string, ShimOptions][] => {
    const usual = plain.options.get(name);
    return usual === undefined ? [] : [[name, { ...usual, ...some }]];
  });
  return {
    ...plain,
    containerRuntimeVersion: node,
    architecture,
    shims: chosen,
    options: new Map([...plain.options, ...changed]),
  };
}

async function answer(given: string | Error): Promise<string> {
  if (given instanceof Error) throw given;
  return given;
}

test('a healthy machine', async () => {
  expect(formatResults(await examine())).toBe(
    `ok       kvm                   /dev/kvm and its driver are there
ok       processor             the processor has vmx
ok       vhost-vsock           /dev/vhost-vsock is there
ok       vhost-net             /dev/vhost-net is there
ok       prefix                /opt/kata is on the mount /, writable, with execution
ok       space                 167 MB are needed below /opt/kata, 1000000 MB are free
ok       selinux               SELinux is disabled
ok       systemd               /run/systemd/private is there
ok       engine                containerd answers
ok       engine-version        containerd 2.2.1
ok       engine-configuration  /etc/containerd/config.toml can be edited
ok       sandboxes             0 Kata sandboxes are running

ok: 12`,
  );
});

test("a container that mounts nothing sees the kernel's own files, and calls the rest unknown", async () => {
  const own = {
    ...kernel,
    '/proc/self/mountinfo': '27 1 0:9 / / ro - overlay overlay rw\n',
    '/sys/fs/selinux': { directory: true },
  } as const;

  const results = await examine({ own, without: ['/'], engineVersion: silent });

  expect(results.map(({ check, state, next }) => [check, state, next])).toEqual([
    ['kvm', 'ok', undefined],
    ['processor', 'ok', undefined],
    ['vhost-vsock', 'unknown', mountAdvice('/dev')],
    ['vhost-net', 'unknown', mountAdvice('/dev')],
    ['prefix', 'unknown', mountAdvice('/opt')],
    ['space', 'unknown', mountAdvice('/opt')],
    ['selinux', 'unknown', mountAdvice('/sys/fs/selinux')],
    ['systemd', 'unknown', mountAdvice('/run/systemd')],
    ['engine', 'unknown', mountAdvice('/run/containerd')],
    ['engine-version', 'unknown', 'see engine'],
    ['engine-configuration', 'unknown', 'see engine'],
    ['sandboxes', 'unknown', mountAdvice('/run/vc/sbs')],
  ]);
});

test("a container tells devices by the kernel's own table, which misses what is loaded when it is opened", async () => {
  const own = {
    ...kernel,
    '/sys/class/misc/vhost-net': '',
    '/sys/class/misc/sev': '',
    '/sys/class/misc/vfio': '',
  };
  const shims = ['qemu', 'qemu-nvidia-gpu'];

  const results = await examine({ own, without: ['/dev/'], shims });

  const about = ['kvm', 'vhost-vsock', 'vhost-net', 'vfio'];
  const seen = results.filter(({ check }) => about.includes(check)).map(({ check, state }) => [check, state]);
  expect(seen).toEqual([
    ['kvm', 'ok'],
    ['vhost-vsock', 'unknown'],
    ['vhost-net', 'ok'],
    ['vfio', 'ok'],
  ]);
});

test("a container that mounts parts of the host among its own files takes its own devices for nobody's", async () => {
  const files: Seeds = { '/dev/null': '', '/dev/tty': '', '/sys/firmware': { directory: true } };

  const results = await examine({
    mountsAtRoot: true,
    files,
    without: ['/dev/kvm', '/dev/vhost', '/run/containerd'],
    sandboxes: ['0123456789abcdef'],
  });

  const about = ['vhost-vsock', 'engine', 'engine-version', 'sandboxes'];
  expect(
    results
      .filter(({ check }) => about.includes(check))
      .map(({ check, state, seen }) => [check, state, seen]),
  ).toEqual([
    ['vhost-vsock', 'unknown', '/dev of the host cannot be seen from here'],
    ['engine', 'ok', 'containerd answers'],
    ['engine-version', 'ok', 'containerd 2.2.1'],
    ['sandboxes', 'ok', '1 Kata sandboxes are running'],
  ]);
});

test('a container that mounts all that is read says the same as the machine', async () => {
  const own = {
    ...kernel,
    '/proc/self/mountinfo':
      '27 1 0:9 / / ro - overlay overlay rw\n28 27 254:0 /opt /host/opt rw - ext4 /dev/vda rw\n',
    '/sys/fs/selinux': { directory: true },
  } as const;
  const traces: Seeds = { '/run/vc/sbs': { directory: true }, '/run/kata': { directory: true } };

  const results = await examine({ own, files: { ...traces, '/sys/fs/selinux/enforce': '0' } });

  expect(results.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(results.find(({ check }) => check === 'prefix')?.seen).toBe(
    '/opt/kata is on the mount /opt, writable, with execution',
  );
});

function mountAdvice(path: string): string {
  return `mount the host's ${path} into the container, at the same path below HOST_ROOT`;
}

const nested = { '/proc/cpuinfo': 'flags : fpu hypervisor\n' } as const;
const silent = new KataError('KATA_HOST_CRI', 'cannot ask the engine');
const mounts = (text: string): Seeds => ({
  '/proc/self/mountinfo': `27 1 254:0 / / rw - ext4 a rw\n${text}`,
});

test.each<[string, Examined, string, CheckResult['state'], string]>([
  [
    'no driver',
    { without: ['/sys/class/misc/kvm'], files: { '/sys/class/misc/null': '' } },
    'kvm',
    'problem',
    'the kernel has no KVM driver',
  ],
  ['no KVM device', { without: ['/dev/kvm'] }, 'kvm', 'problem', '/dev/kvm is not there'],
  [
    'a directory for a device',
    { without: ['/dev/kvm'], files: { '/dev/kvm/x': '' } },
    'kvm',
    'problem',
    '/dev/kvm is not there',
  ],
  ['no vhost', { without: ['/dev/vhost-net'] }, 'vhost-net', 'problem', '/dev/vhost-net is not there'],
  [
    'nested',
    { files: { '/proc/cpuinfo': 'flags : svm hypervisor\n' } },
    'processor',
    'ok',
    'the processor has svm; this machine is itself a virtual machine, so that guests are nested in it',
  ],
  [
    'no nesting, but PVM',
    { files: nested },
    'processor',
    'warning',
    'the processor has neither vmx nor svm; this machine is itself a virtual machine, so that guests are nested in it; yet the kernel has a KVM driver, such as PVM',
  ],
  [
    'virtualization is off',
    {
      without: ['/sys/class/misc/kvm'],
      files: { '/sys/class/misc/null': '', '/proc/cpuinfo': 'flags : fpu\n' },
    },
    'processor',
    'problem',
    'the processor has neither vmx nor svm',
  ],
  [
    'a mainframe',
    { architecture: 's390x', files: { '/proc/cpuinfo': 'features\t: esan3 zarch sie\n' } },
    'processor',
    'ok',
    '/proc/cpuinfo says sie',
  ],
  [
    'a mainframe without sie',
    { architecture: 's390x', files: { '/proc/cpuinfo': 'features\t: esan3\n' } },
    'processor',
    'warning',
    '/proc/cpuinfo does not say sie; yet the kernel has a KVM driver',
  ],
  [
    'POWER',
    { architecture: 'ppc64le', files: { '/proc/cpuinfo': 'platform\t: PowerNV\n' } },
    'processor',
    'ok',
    '/proc/cpuinfo says PowerNV',
  ],
  [
    'SNP is off',
    { shims: ['qemu', 'qemu-snp'], files: { '/sys/module/kvm_amd/parameters/sev_snp': 'N\n' } },
    'sev-snp',
    'warning',
    "kvm_amd's sev_snp is off",
  ],
  [
    'SNP without its device',
    { shims: ['qemu-snp'], files: { '/sys/module/kvm_amd/parameters/sev_snp': 'Y\n' } },
    'sev-snp',
    'problem',
    '/dev/sev is not there',
  ],
  [
    'SNP',
    { shims: ['qemu-snp'], files: { '/sys/module/kvm_amd/parameters/sev_snp': 'Y\n', '/dev/sev': '' } },
    'sev-snp',
    'ok',
    '/dev/sev is there and sev_snp is on',
  ],
  ['only TDX is wanted', { shims: ['qemu-tdx'] }, 'tdx', 'problem', "kvm_intel's tdx is not there"],
  [
    'Secure Execution',
    { architecture: 's390x', shims: ['qemu-se'], files: { '/sys/firmware/uv/prot_virt_host': '1\n' } },
    'secure-execution',
    'ok',
    'prot_virt_host is on',
  ],
  ['no graphics card', { shims: ['qemu', 'qemu-nvidia-gpu'] }, 'vfio', 'warning', '/dev/vfio is not there'],
  [
    'a prefix that cannot be used',
    { files: mounts('28 27 8:1 / /opt ro,noexec - xfs b rw\n') },
    'prefix',
    'problem',
    '/opt/kata is on the mount /opt, which is ro and noexec',
  ],
  [
    'too little space',
    { freeBytes: 1e6 },
    'space',
    'problem',
    '167 MB are needed below /opt/kata, 1 MB are free',
  ],
  [
    'no payload',
    { payload: new KataError('KATA_PAYLOAD_MANIFEST', 'no manifest') },
    'space',
    'unknown',
    'no manifest',
  ],
  ['SELinux', { files: { '/sys/fs/selinux/enforce': '1' } }, 'selinux', 'warning', 'SELinux is enforcing'],
  [
    'only the bus',
    { without: ['/run/systemd'], files: { '/run/dbus/system_bus_socket': '' } },
    'systemd',
    'warning',
    '/run/systemd/private is not there; only the system bus is',
  ],
  ['no systemd', { without: ['/run/systemd'] }, 'systemd', 'problem', '/run/systemd/private is not there'],
  [
    'an engine that cannot be set up',
    { node: 'cri-o://1.34.0' },
    'engine',
    'problem',
    'crio is not yet supported by this version',
  ],
  ['a silent engine', { engineVersion: silent }, 'engine', 'problem', 'cannot ask the engine'],
  [
    'an old engine',
    { engineVersion: '1.5.9' },
    'engine-version',
    'problem',
    'containerd 1.5.9, which is not supported',
  ],
  [
    'a new engine',
    { engineVersion: 'v2.5.0' },
    'engine-version',
    'warning',
    'containerd v2.5.0, newer than what was tried',
  ],
  ['a packager', { engineVersion: '1.6.20~ds1' }, 'engine-version', 'ok', 'containerd 1.6.20~ds1'],
  [
    'a snapshotter on 1.6',
    { engineVersion: '1.6.20', options: { qemu: { snapshotter: 'nydus' } } },
    'engine-version',
    'problem',
    'containerd 1.6.20, and a snapshotter is set for kata-qemu',
  ],
  [
    'no configuration',
    { without: ['/etc/containerd'] },
    'engine-configuration',
    'ok',
    'there is none: defaults',
  ],
  [
    'a foreign handler',
    {
      files: {
        '/etc/containerd/config.toml':
          '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata-qemu]\nruntime_type = "other"\n',
      },
    },
    'engine-configuration',
    'problem',
    '/etc/containerd/config.toml defines the handler kata-qemu with another shim',
  ],
  [
    'missing imports',
    { files: { '/etc/containerd/config.toml': 'version = 2\nimports = ["/a", "/b"]\n' } },
    'engine-configuration',
    'problem',
    '/etc/containerd/config.toml imports /a, which is not there; containerd would not start again; /etc/containerd/config.toml imports /b, which is not there; containerd would not start again',
  ],
  [
    'kubelet was not asked',
    { options: { qemu: { forceGuestPull: true } } },
    'kubelet-timeout',
    'unknown',
    'kubelet was not asked for its configuration',
  ],
  [
    'kubelet refuses',
    { options: { qemu: { pullType: 'guest-pull' } }, kubelet: silent },
    'kubelet-timeout',
    'unknown',
    'cannot ask the engine',
  ],
  [
    'an impatient kubelet',
    { options: { qemu: { snapshotter: 'nydus' } }, kubelet: '2m0s' },
    'kubelet-timeout',
    'warning',
    "kubelet's runtimeRequestTimeout is 120 s",
  ],
  [
    'a patient kubelet',
    { options: { qemu: { forceGuestPull: true } }, kubelet: '10m0s' },
    'kubelet-timeout',
    'ok',
    "kubelet's runtimeRequestTimeout is 600 s",
  ],
  // Issue 12.21: the waiter is a sidecar.
  [
    'a kubelet that starts sidecars',
    { kubeletVersion: 'v1.29.0-gke.1' },
    'kubelet-version',
    'ok',
    'kubelet is v1.29.0-gke.1',
  ],
  [
    'a kubelet that starts none',
    { kubeletVersion: 'v1.28.15' },
    'kubelet-version',
    'problem',
    'kubelet is v1.28.15, which starts no sidecars: this node is not supported',
  ],
  [
    'a node object that cannot be read',
    { kubeletVersion: silent },
    'kubelet-version',
    'unknown',
    'cannot ask the engine',
  ],
  ['a sandbox', { sandboxes: ['0123456789abcdef'] }, 'sandboxes', 'ok', '1 Kata sandboxes are running'],
  // Issue 12.8, case 07-leaked-sandbox-trace.
  [
    'a trace of a sandbox that is gone',
    { files: { '/run/vc/sbs/0123456789abcdef': { directory: true } } },
    'sandboxes',
    'warning',
    '0 Kata sandboxes are running',
  ],
  [
    'a trace, and an engine that does not answer',
    { files: { '/run/vc/sbs/0123456789abcdef': { directory: true } }, engineVersion: silent },
    'sandboxes',
    'warning',
    '1 Kata sandboxes are running',
  ],
])('%s', async (_, given, check, state, seen) => {
  const results = await examine(given);

  expect(results.filter((each) => each.check === check).map((each) => [each.state, each.seen])).toEqual([
    [state, seen],
  ]);
});

test('what is not ok says what to do, and what is ok does not', async () => {
  const results = await examine({
    without: ['/dev'],
    files: { '/dev/null': '' },
    shims: ['qemu', 'qemu-tdx'],
  });

  expect(results.filter(({ state, next }) => (state === 'ok') !== (next === undefined))).toEqual([]);
});

test.each<[string, Examined, readonly string[]]>([
  ['virtual machines elsewhere', { shims: ['remote'] }, ['prefix', 'space']],
  ['no QEMU', { shims: ['clh', 'remote'] }, ['kvm', 'processor', 'prefix', 'space']],
  ['ARM', { architecture: 'aarch64' }, ['kvm', 'vhost-vsock', 'vhost-net', 'prefix', 'space']],
])('%s: only what applies is checked', async (_, given, checks) => {
  const results = await examine(given);

  const others = ['selinux', 'systemd', 'engine', 'engine-version', 'engine-configuration', 'sandboxes'];
  expect(results.map(({ check }) => check)).toEqual([...checks, ...others]);
});

test('as JSON, each result has the same shape', async () => {
  const [kvm, , vsock] = await examine({ without: ['/dev/vhost'] });

  expect(JSON.parse(JSON.stringify([kvm, vsock]))).toEqual([
    {
      check: 'kvm',
      state: 'ok',
      seen: '/dev/kvm and its driver are there',
      why: 'every hypervisor of Kata runs its guests through /dev/kvm',
    },
    {
      check: 'vhost-vsock',
      state: 'problem',
      seen: '/dev/vhost-vsock is not there',
      why: 'QEMU lets the runtime talk to the agent in the guest through it',
      next: 'modprobe vhost_vsock; to keep it: echo vhost_vsock >/etc/modules-load.d/vhost_vsock.conf',
    },
  ]);
});

test('this very machine can be examined', async () => {
  const host = createLinuxHost({ root: '/' });
  const results = await examineNode({
    host,
    own: new LinuxFiles({ root: '/' }),
    settings: settings({ shims: ['clh'] }),
    engine: {
      version: async () => await answer(silent),
      servedHandlers: async () => [],
    },
    payload: async () => {
      throw silent;
    },
    sandboxes: async () => await lookAtSandboxes(host, [], undefined),
  });

  expect(results.find(({ check }) => check === 'prefix')?.seen).toMatch(/^\/opt\/kata is on the mount \//);
  expect(results.find(({ check }) => check === 'space')).toMatchObject({ state: 'unknown' });
});

test('issue 12.2: names what others changed since the engine was started (cases/05-neighbour-bomb)', async () => {
  const checkOf = async (engineStartedAtMs: number): Promise<CheckResult | undefined> =>
    (await examine({ engineStartedAtMs })).find(({ check }) => check === 'engine-configuration');

  expect(await checkOf(-1)).toMatchObject({
    state: 'warning',
    seen: '/etc/containerd/config.toml changed after the engine was started, and perhaps it has not loaded that yet',
  });
  expect(await checkOf(1)).toMatchObject({ state: 'ok' });
});

test('issue 12.3: where the engine cannot be asked, its configuration is judged by our own reading', async () => {
  const results = await examine({ program: () => ({ exitCode: 1, output: '' }) });

  expect(results.find(({ check }) => check === 'engine-configuration')).toMatchObject({
    state: 'ok',
    seen: '/etc/containerd/config.toml can be edited, by our own reading: what starts containerd.service does not answer as containerd does',
  });
});

test('issue 12.3: what only the engine itself would refuse is a problem (cases/05-neighbour-bomb)', async () => {
  const refusal = 'containerd: toml: cannot decode TOML string into struct field X of type bool\n';
  const results = await examine({
    engineStartedAtMs: 1,
    program: (question) => (question === '--version' ? accepts('2.2.1')() : { exitCode: 1, output: refusal }),
  });

  expect(results.find(({ check }) => check === 'engine-configuration')).toMatchObject({
    state: 'problem',
    seen: 'the engine would not load it after an installation: toml: cannot decode TOML string into struct field X of type bool',
    next: 'correct what it names, in /etc/containerd/config.toml',
  });
});

describe('a version on disk that is newer than the one that runs', () => {
  const examineUpdated = async (config: string): Promise<readonly CheckResult[]> => {
    const results = await examine({
      engineVersion: 'v2.2.1',
      program: accepts('v2.4.2'),
      files: { '/etc/containerd/config.toml': config },
    });
    return results.filter(({ check }) => check.startsWith('engine-'));
  };

  test('is named, and the configuration is judged as it reads it: schema 4', async () => {
    expect(await examineUpdated('version = 4\n')).toMatchObject([
      { check: 'engine-version', state: 'ok', seen: 'containerd v2.2.1' },
      {
        check: 'engine-version',
        state: 'ok',
        seen: 'containerd v2.4.2; it is on disk, and the next start of the engine runs it',
      },
      {
        check: 'engine-configuration',
        state: 'ok',
        seen: '/etc/containerd/config.toml can be edited',
      },
    ]);
  });

  test('is judged by what it cannot do', async () => {
    const results = await examine({ engineVersion: '1.7.30', program: accepts('2.5.0') });

    expect(results.filter(({ check }) => check === 'engine-version')).toMatchObject([
      { state: 'ok', seen: 'containerd 1.7.30' },
      {
        state: 'warning',
        seen: 'containerd 2.5.0, newer than what was tried; it is on disk, and the next start of the engine runs it',
      },
    ]);
  });
});
