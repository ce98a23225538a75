/** Runs kata-lifecycle as a user does, on the machine of the lab. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { findHelm } from './helm-chart.ts';
import { namespace } from './helm.ts';
import type { CommandResult, LabDriver } from './lab-driver.ts';

const program = join(import.meta.dirname, '../../bin/kata-lifecycle');

export interface RunOptions {
  /** Gets what sends a signal to the program; by default, SIGKILL. */
  readonly onStart?: (kill: (signal?: NodeJS.Signals) => void) => void;
}

export interface UpgradeOptions extends RunOptions {
  readonly words?: readonly string[];
}

export class LifecycleDriver {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #helm: string;
  readonly #chart: string;
  readonly #folder: string;
  #files = 0;

  private constructor(kubeconfig: string, helm: string, chart: string, folder: string) {
    this.#environment = { KUBECONFIG: kubeconfig };
    this.#helm = helm;
    this.#chart = chart;
    this.#folder = folder;
  }

  /** `config`: instead of the lab's own kubeconfig. */
  static async open(lab: LabDriver, config?: string): Promise<LifecycleDriver> {
    const folder = await mkdtemp(join(tmpdir(), 'kata-lifecycle-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, config ?? (await readKubeconfig(lab)));
    const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };
    return new LifecycleDriver(kubeconfig, await findHelm(), `oci://${registry}/charts/kata-deploy`, folder);
  }

  async run(words: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const argv = ['--namespace', namespace, '--progress', 'plain', ...words];
    const running = execa(program, argv, { reject: false, env: this.#environment, stdin: 'ignore' });
    options.onStart?.((signal = 'SIGKILL') => running.kill(signal));
    const { exitCode, stdout, stderr } = await running;
    return { exitCode, stdout, stderr };
  }

  /** `pod`: the YAML of the verification pod. */
  async upgrade(version: string, pod: string, options: UpgradeOptions = {}): Promise<CommandResult> {
    return await this.#toVersion('upgrade', version, pod, options);
  }

  async plan(version: string, pod: string, options: UpgradeOptions = {}): Promise<CommandResult> {
    return await this.#toVersion('plan', version, pod, options);
  }

  /** Nodes return to their earlier release. */
  async rollback(nodes: readonly string[], words: readonly string[] = []): Promise<CommandResult> {
    return await this.run(['rollback', ...nodes, '--helm', this.#helm, ...words]);
  }

  /** Runs only the verification pod. */
  async verify(nodes: readonly string[], pod: string, words: readonly string[] = []): Promise<CommandResult> {
    return await this.run(['verify', ...nodes, '--verification-pod', await this.#write(pod), ...words]);
  }

  async #toVersion(
    verb: 'upgrade' | 'plan',
    version: string,
    pod: string,
    options: UpgradeOptions,
  ): Promise<CommandResult> {
    const argv = [
      ...[verb, '--to', version, '--chart', this.#chart, '--plain-http', '--helm', this.#helm],
      ...['--verification-pod', await this.#write(pod), ...(options.words ?? [])],
    ];
    return await this.run(argv, options);
  }

  /** Each in a file of its own: upgrades may run at the same time. */
  async #write(pod: string): Promise<string> {
    this.#files += 1;
    const file = join(this.#folder, `pod-${this.#files}.yaml`);
    await writeFile(file, pod);
    return file;
  }
}

export async function readKubeconfig(lab: LabDriver): Promise<string> {
  return await lab.kubectl(['config', 'view', '--raw', '--flatten']);
}

/** The seed's pod, with an image of the lab. */
export function verificationPod(command: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: \${TEST_POD}
spec:
  runtimeClassName: kata-qemu
  restartPolicy: Never
  nodeSelector:
    kubernetes.io/hostname: \${NODE}
  tolerations:
    - operator: Exists
  containers:
    - name: verify
      image: registry.lab:5000/busybox:1
      command: ["sh", "-c", ${JSON.stringify(command)}]
`;
}
