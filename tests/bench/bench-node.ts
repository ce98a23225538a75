/** Measures the installer on a node, where it runs as in the chart's pod with its service account. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { name as account, namespace } from '../driver/cluster-installer.ts';
import type { LabDriver } from '../driver/lab-driver.ts';
import { imageDirectory, NodeInstaller } from '../driver/node-installer.ts';

export interface Measured {
  /** In milliseconds since 1970. */
  readonly startMs: number;
  readonly seconds: number;
  /** User and system, of all processes. */
  readonly cpuSeconds: number;
  /** Of the largest process. */
  readonly peakMegabytes: number;
  readonly stderr: string;
}

const measureProgram = '/run/kata-test/measure.pl';

export class BenchNode {
  readonly lab: LabDriver;
  readonly name: string;
  readonly installer: NodeInstaller;

  constructor(lab: LabDriver, name: string) {
    this.lab = lab;
    this.name = name;
    this.installer = new NodeInstaller(lab, name);
  }

  /** Unpacks the image of each version, with the credentials that kubelet would mount. */
  async prepare(versions: readonly string[]): Promise<void> {
    for (const version of versions) await this.installer.unpack(version, version);
    const program = await readFile(join(import.meta.dirname, 'measure.pl'));
    await this.lab.onNode(this.name, ['tee', measureProgram], program);
    const token = await this.lab.kubectl([
      ...['create', 'token', account, '--namespace', namespace, '--duration=4h'],
    ]);
    const authorities = await this.lab.kubectl([
      ...['config', 'view', '--raw', '--flatten'],
      '--output=jsonpath={.clusters[0].cluster.certificate-authority-data}',
    ]);
    const files = {
      token: Buffer.from(token.trim()),
      'ca.crt': Buffer.from(authorities, 'base64'),
    };
    for (const version of versions) {
      const folder = `${imageDirectory(version)}/var/run/secrets/kubernetes.io/serviceaccount`;
      for (const [file, content] of Object.entries(files)) {
        await this.shell(`mkdir -p ${folder} && cat > ${folder}/${file}`, content);
      }
    }
  }

  async install(version: string): Promise<Measured> {
    return await this.run(version, ['install', '--once']);
  }

  /** With the rights, mounts and variables of the chart's pod. */
  async run(version: string, words: readonly string[]): Promise<Measured> {
    const { text } = this.installer.commandUnder(['/usr/bin/perl', measureProgram], version, words, {
      KUBERNETES_SERVICE_HOST: '10.77.0.10',
      KUBERNETES_SERVICE_PORT: '6443',
      NODE_NAME: this.name,
      POD_NAMESPACE: namespace,
      DAEMONSET_NAME: account,
    });
    return await this.#measure(text);
  }

  /** A command of the image without the rights and mounts of its pod. */
  async runBare(version: string, words: string): Promise<Measured> {
    return await this.measureShell(`exec chroot ${imageDirectory(version)} ${words}`);
  }

  async measureShell(command: string): Promise<Measured> {
    return await this.#measure(`/usr/bin/perl ${measureProgram} sh -c '${command}'`);
  }

  async shell(script: string, input?: Uint8Array): Promise<string> {
    return await this.lab.onNode(this.name, ['sh', '-c', script], input);
  }

  async #measure(text: string): Promise<Measured> {
    const { exitCode, stdout, stderr } = await this.lab.tryLab(['exec', this.name, '--', 'sh', '-c', text]);
    if (exitCode !== 0) throw new Error(`${text} ended with ${exitCode}:\n${stdout}\n${stderr}`);
    const [start, seconds, cpuSeconds, kibibytes] = (stdout.trim().split('\n').at(-1) ?? '')
      .split(' ')
      .map(Number);
    if (start === undefined || seconds === undefined || cpuSeconds === undefined || kibibytes === undefined) {
      throw new TypeError(`no measurement in: ${stdout}`);
    }
    return { startMs: start * 1000, seconds, cpuSeconds, peakMegabytes: (kibibytes * 1024) / 1e6, stderr };
  }
}
