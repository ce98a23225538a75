/** Runs the program of the installer image on a node of the lab with the chart's rights, mounts and variables; can kill it. */
import { imageEnvironment } from '@kata/artifacts/image';
import type { CommandResult, LabDriver } from './lab-driver.ts';

/** The default capabilities of a container. */
const defaultCapabilities = [
  ...[
    'CHOWN',
    'DAC_OVERRIDE',
    'FSETID',
    'FOWNER',
    'MKNOD',
    'NET_RAW',
    'SETGID',
    'SETUID',
    'SETFCAP',
    'SETPCAP',
  ],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
].map((name) => `CAP_${name}`);

/** Folders of the node that the chart mounts. */
const parts = ['/opt', '/etc/containerd', '/run/systemd', '/run/containerd', '/run/lock', '/run/kata-deploy'];
const optionalParts = ['/run/vc/sbs', '/run/kata'];

/** A shell command for the node, and the systemd unit that it creates there. */
export interface InstallerCommand {
  readonly text: string;
  readonly unit: string;
}

interface MoreOfRun {
  readonly binds?: readonly string[];
  readonly waits?: Waits;
}

/** Whether the waiter runs first, which becomes the command on SIGTERM; `watching`: it also looks for drift, as in the chart. */
export type Waits = boolean | 'watching';

const program = ['/usr/bin/node', '/usr/lib/kata-deploy/main.mjs'];
const watchOptions = ['--watch', '/host/opt/kata/state/watch', '--root', '/host', '--on-change', 'drift'];

export class NodeInstaller {
  readonly #lab: LabDriver;
  readonly #node: string;
  #count = 0;

  constructor(lab: LabDriver, node: string) {
    this.#lab = lab;
    this.#node = node;
  }

  /** Unpacks an installer image under a name for `run`. Another name gives a second, writable copy. */
  async unpack(name: string, version: string): Promise<void> {
    const image = `registry.lab:5000/kata-deploy:${version}`;
    await this.#shell(`set -e
      ctr -n k8s.io images pull --hosts-dir /etc/containerd/certs.d ${image} >/dev/null
      ctr -n k8s.io containers create ${image} ${name} >/dev/null`);
    await this.mount(name);
  }

  /** Mounts an unpacked image again, after a boot. */
  async mount(name: string): Promise<void> {
    const directory = imageDirectory(name);
    // containerd may only just be starting.
    await this.#shell(`set -e
      mkdir -p /run/kata-deploy ${directory}
      for i in $(seq 60); do mounts=$(ctr -n k8s.io snapshots mounts ${directory} ${name}) && break; sleep 0.5; done
      sh -c "$mounts"
      test -x ${directory}/usr/bin/node`);
  }

  /** Runs a shell command inside the unpacked image's folder. */
  async change(name: string, command: string): Promise<void> {
    await this.#shell(`cd ${imageDirectory(name)} && ${command}`);
  }

  async run(
    name: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> {
    return await this.#lab.tryLab(['exec', this.#node, '--', ...this.#argv(name, words, environment)]);
  }

  /** The command that `run` runs. */
  command(
    name: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    more: MoreOfRun = {},
  ): InstallerCommand {
    const argv = this.#argv(name, words, environment, more).map((word) => `'${word}'`);
    return { text: argv.join(' '), unit: `kata-test-${this.#count}` };
  }

  /**
   * The same rights, mounts and variables, but run by a program of the node, such as strace: it starts in the node's root
   * and then enters the image's. It sees the node's `/proc`, which has another boot id.
   */
  commandUnder(
    tracer: readonly string[],
    name: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): InstallerCommand {
    const root = imageDirectory(name);
    const kernel = ['/proc', '/sys', '/dev'].map((part) => `${part}:${root}${part}`).join(' ');
    const argv = [
      ...this.#unit([`BindPaths=${kernel}`], root, environment),
      ...[...tracer, '/usr/sbin/chroot', root, ...program, ...words],
    ].map((word) => `'${word}'`);
    return { text: argv.join(' '), unit: `kata-test-${this.#count}` };
  }

  /** Like `run`, with additional mounts. */
  async runWith(
    name: string,
    { env, binds }: { readonly env: Readonly<Record<string, string>>; readonly binds: readonly string[] },
    ...words: readonly string[]
  ): Promise<CommandResult> {
    return await this.#lab.tryLab(['exec', this.#node, '--', ...this.#argv(name, words, env, { binds })]);
  }

  /** Returns whether it was still running when it was killed. */
  async kill(name: string, words: readonly string[], afterMs: number): Promise<boolean> {
    const { text, unit } = this.command(name, words);
    const said = await this.#shell(`${text} >/dev/null 2>&1 & pid=$!
      sleep ${(afterMs / 1000).toFixed(3)}
      systemctl kill --signal=SIGKILL ${unit} 2>/dev/null && echo killed
      wait $pid; true`);
    return said.trim() === 'killed';
  }

  async #shell(script: string): Promise<string> {
    return await this.#lab.onNode(this.#node, ['sh', '-c', script]);
  }

  #argv(
    name: string,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    { binds: moreBinds = [], waits = false }: MoreOfRun = {},
  ): readonly string[] {
    const root = [`RootDirectory=${imageDirectory(name)}`, 'MountAPIVFS=yes'];
    const binds = moreBinds.map((bind) => `BindPaths=${bind}`);
    const watch = waits === 'watching' ? watchOptions : [];
    const waiter = waits === false ? [] : ['/usr/bin/kata-helper', 'wait', ...watch, '--'];
    return [...this.#unit([...root, ...binds], '', environment), ...waiter, ...program, ...words];
  }

  /** The systemd-run command. `root` is the path of the image's root as seen by the unit. */
  #unit(
    properties: readonly string[],
    root: string,
    environment: Readonly<Record<string, string>> = {},
  ): readonly string[] {
    this.#count += 1;
    const binds = [
      ...parts.map((part) => `${part}:${root}/host${part}`),
      ...optionalParts.map((part) => `-${part}:${root}/host${part}`),
    ];
    return [
      ...['systemd-run', '--quiet', '--wait', '--pipe', '--collect', `--unit=kata-test-${this.#count}`],
      ...[
        `BindPaths=${binds.join(' ')}`,
        `CapabilityBoundingSet=${defaultCapabilities.join(' ')}`,
        ...properties,
      ].map((property) => `--property=${property}`),
      ...Object.entries({
        ...imageEnvironment,
        HOST_ROOT: '/host',
        SHIMS_X86_64: 'qemu clh',
        ...environment,
      }).map(([variable, value]) => `--setenv=${variable}=${value}`),
    ];
  }
}

export function imageDirectory(name: string): string {
  return `/run/kata-test/${name}`;
}
