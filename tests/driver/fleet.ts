/** A cluster with kata-deploy that kata-lifecycle upgrades: brings it up, brings it into a beginning, and reads what became of it. */
import { strict as assert } from 'node:assert';
import type { FleetNodeStatus, FleetStatus } from '@kata/orchestrator';
import { helm, namespace } from './helm.ts';
import { waitForRollout } from './kata-steps.ts';
import { type CommandResult, LabDriver } from './lab-driver.ts';
import { publishSmallPayloads } from './lab-registry.ts';
import { LifecycleDriver, verificationPod } from './lifecycle.ts';
import { untilPhase } from './until-phase.ts';

/** Of two shims, so that an installation is short. */
export const fewShims = { shims: { disableAll: true, qemu: { enabled: true }, clh: { enabled: true } } };

export const whole = verificationPod('uname -a');

export interface SeenNode {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
}

export class Fleet {
  readonly lab: LabDriver;
  readonly #lifecycle: LifecycleDriver;

  private constructor(lab: LabDriver, lifecycle: LifecycleDriver) {
    this.lab = lab;
    this.#lifecycle = lifecycle;
  }

  /** Nodes n1, n2, … with kata-deploy 3.24.0, all labelled for upgrades. */
  static async up(name: string, engines: readonly string[]): Promise<Fleet> {
    const fleet = await Fleet.bare(name, engines);
    await fleet.install();
    await fleet.lab.kubectl(['label', 'nodes', '--all', 'katacontainers.io/kata-upgrade-window=true']);
    return fleet;
  }

  /** Without kata-deploy. */
  static async bare(name: string, engines: readonly string[]): Promise<Fleet> {
    const lab = new LabDriver(name);
    await lab.down();
    await lab.up(engines.flatMap((engine) => ['--engine', engine]));
    await publishSmallPayloads(lab);
    return new Fleet(lab, await LifecycleDriver.open(lab));
  }

  async install(version = '3.24.0', values: object = {}): Promise<void> {
    await helm(this.lab, 'install', { version, values: { ...fewShims, ...values } });
    await waitForRollout(this.lab);
  }

  /** Another release in addition to the first, with a suffix. */
  async installSecond(release: string, suffix: string, version: string): Promise<void> {
    await helm(this.lab, 'install', {
      release,
      version,
      values: { ...fewShims, env: { multiInstallSuffix: suffix } },
    });
    await waitForRollout(this.lab, `kata-deploy-${suffix}`);
  }

  /** The program, as a user calls it. */
  get lifecycle(): LifecycleDriver {
    return this.#lifecycle;
  }

  /** Every node has the version, verified by a run, and nobody has cordoned it. */
  async begin(version = '3.24.0'): Promise<void> {
    const ended = await this.#lifecycle.upgrade(version, whole);
    assert.equal(ended.exitCode, 0, `cannot begin on ${version}:\n${ended.stderr}`);
    const others = Object.entries(await this.ends()).filter(([, end]) => end !== `completed ${version}`);
    assert.deepEqual(others, []);
  }

  async status(): Promise<FleetStatus> {
    const { exitCode, stdout, stderr } = await this.#lifecycle.run(['--output', 'json', 'status']);
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout) as FleetStatus;
  }

  async node(name: string): Promise<FleetNodeStatus> {
    const found = (await this.status()).nodes.find(({ node }) => node === name);
    assert.ok(found, `kata-lifecycle status does not name ${name}`);
    return found;
  }

  /** By node, such as `rolled-back 3.24.0` or `failed 3.25.0 cordoned by run`. */
  async ends(): Promise<Readonly<Record<string, string>>> {
    const { nodes } = await this.status();
    return Object.fromEntries(nodes.map((node) => [node.node, endOf(node)]));
  }

  /** `kata-lifecycle why`. */
  async why(node: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#lifecycle.run(['why', node]);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  /** What the last run has recorded on the node. */
  async claim(node: string): Promise<unknown> {
    const { stdout } = await this.#lifecycle.run(['--output', 'json', 'why', node]);
    return (JSON.parse(stdout) as { readonly claim: unknown }).claim;
  }

  /** What the installer has reported last. */
  async installerStatus(node: string): Promise<{ readonly attempt: number }> {
    const { metadata } = await this.object(node);
    const text = metadata.annotations['katacontainers.io/kata-deploy-status'] ?? '';
    return JSON.parse(text) as { readonly attempt: number };
  }

  async object(node: string): Promise<SeenNode> {
    return JSON.parse(await this.lab.kubectl(['get', 'node', node, '--output=json'])) as SeenNode;
  }

  /** Uids of the installer's pods by node. */
  async installers(): Promise<Readonly<Record<string, string>>> {
    const text = await this.lab.kubectl([
      ...['get', 'pods', '--namespace', namespace, '--selector=name=kata-deploy'],
      '--output=jsonpath={range .items[*]}{.spec.nodeName} {.metadata.uid}{"\\n"}{end}',
    ]);
    return Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
  }

  /** The number of the release's last revision. */
  async revision(): Promise<number> {
    const text = await this.lab.lab([
      ...['helm', 'history', 'kata-deploy', '--namespace', namespace, '--max', '1', '--output', 'json'],
    ]);
    const [last] = JSON.parse(text) as [{ readonly revision: number }];
    return last.revision;
  }

  /** Version of the chart of the release. */
  async chartVersion(): Promise<string> {
    const text = await this.lab.lab([
      ...['helm', 'list', '--namespace', namespace, '--filter', '^kata-deploy$', '--output', 'json'],
    ]);
    const [release] = JSON.parse(text) as [{ readonly chart: string }];
    return release.chart.replace('kata-deploy-', '');
  }

  /** Waits until a run has brought the node to the phase. */
  async untilPhase(node: string, phase: string): Promise<void> {
    await untilPhase(this.lab, node, phase);
  }

  async down(): Promise<void> {
    await this.lab.down();
  }
}

function endOf({ phase, installed, isReady, cordonedBy }: FleetNodeStatus): string {
  const version = installed?.replace(/-[0-9a-f]{8}$/, '') ?? 'without Kata';
  const cordon = cordonedBy === null ? [] : [`cordoned by ${cordonedBy}`];
  return [phase ?? 'untouched', version, ...(isReady ? [] : ['NotReady']), ...cordon].join(' ');
}

/** The output of both streams, which people read together. */
export function textOf({ exitCode, stdout, stderr }: CommandResult): string {
  return `${stderr}\n${stdout}\nexit code ${exitCode}`;
}
