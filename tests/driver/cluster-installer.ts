/** Runs the installer on a node as its pod would: with its service account, against the API server or the faulty proxy. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@kata/core';
import type { FaultRule, SeenByProxy } from './faulty-api.ts';
import { helm, namespace } from './helm.ts';
import { readOurMetadata } from './kata-steps.ts';
import type { CommandResult, LabDriver } from './lab-driver.ts';
import { type InstallerCommand, NodeInstaller, type Waits } from './node-installer.ts';

export { namespace } from './helm.ts';
export const name = 'kata-deploy';

/** On the node. */
export const credentialsFolder = '/run/kata-test-api';
const folder = credentialsFolder;
const proxyPort = 18_443;

export interface RunOptions {
  /** Through the proxy with its rules; otherwise directly. */
  readonly isFaulty?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly waits?: Waits;
}

export class ClusterInstaller {
  readonly lab: LabDriver;
  readonly node: string;
  readonly installer: NodeInstaller;

  constructor(lab: LabDriver, node: string, installer: NodeInstaller = new NodeInstaller(lab, node)) {
    this.lab = lab;
    this.node = node;
    this.installer = installer;
  }

  /** Service account, role and policies of the chart, without its DaemonSet. */
  static async applyRbac(
    lab: LabDriver,
    templates: readonly string[] = ['rbac', 'admission-policy'],
  ): Promise<void> {
    const rendered = await helm(lab, 'template', {
      words: templates.flatMap((template) => ['--show-only', `templates/${template}.yaml`]),
    });
    await lab.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await lab.kubectl(['apply', '--server-side', '--filename=-'], rendered);
  }

  async prepare(versions: readonly string[]): Promise<void> {
    for (const version of versions) await this.installer.unpack(version, version);
    await this.connect();
  }

  /** Writes the credentials of the service account to the node, and starts the proxy there with the Node of 3.24.0. */
  async connect(): Promise<void> {
    await this.writeCredentials();
    await this.#write('rules.json', '[]');
    await this.#write('log', '');
    await this.#write('faulty-api.ts', await readFile(join(import.meta.dirname, 'faulty-api.ts')));
    await this.lab.onNode(this.node, [
      ...['systemd-run', '--quiet', '--collect', '--unit=faulty-api'],
      ...['/run/kata-test/3.24.0/usr/bin/node', `${folder}/faulty-api.ts`, String(proxyPort)],
      ...[`${folder}/rules.json`, `${folder}/log`, 'https://10.77.0.10:6443', `${folder}/ca.crt`],
    ]);
  }

  /** The same without the proxy. */
  async writeCredentials(): Promise<void> {
    const config = JSON.parse(
      await this.lab.kubectl(['config', 'view', '--raw', '--flatten', '--output=json']),
    ) as { clusters: [{ cluster: { 'certificate-authority-data': string } }] };
    const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64');
    await this.#write('ca.crt', ca);
    await this.renewToken();
  }

  /** A recreated service account needs a new token. */
  async renewToken(): Promise<void> {
    const token = await this.lab.kubectl([
      'create',
      'token',
      name,
      '--namespace',
      namespace,
      '--duration=4h',
    ]);
    const certificate = await this.lab.onNode(this.node, ['base64', '--wrap=0', `${folder}/ca.crt`]);
    const direct = { server: 'https://10.77.0.10:6443', 'certificate-authority-data': certificate.trim() };
    await this.#write('direct', kubeconfig(direct, token.trim()));
    await this.#write('faulty', kubeconfig(plain(proxyPort), token.trim()));
    await this.#write('unreachable', kubeconfig(plain(1), token.trim()));
    await this.#write('invalid-token', kubeconfig(direct, 'invalid'));
    const unprivileged = await this.lab.kubectl(['create', 'token', 'default', '--namespace', namespace]);
    await this.#write('no-rbac', kubeconfig(direct, unprivileged.trim()));
  }

  async run(words: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const binds = [`${folder}:/kube`];
    const env = this.#environment(options);
    return await this.installer.runWith(options.version ?? '3.24.0', { env, binds }, ...words);
  }

  /** The command that `run` runs. */
  command(words: readonly string[], options: RunOptions = {}): InstallerCommand {
    const env = this.#environment(options);
    const more = { binds: [`${folder}:/kube`], waits: options.waits ?? false };
    return this.installer.command(options.version ?? '3.24.0', words, env, more);
  }

  async setRules(...rules: readonly FaultRule[]): Promise<void> {
    await this.#write('rules.json', JSON.stringify(rules));
    await this.#write('log', '');
  }

  async seen(): Promise<readonly SeenByProxy[]> {
    const text = await this.lab.onNode(this.node, ['cat', `${folder}/log`]);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SeenByProxy);
  }

  #environment(options: RunOptions): Readonly<Record<string, string>> {
    return {
      KUBECONFIG: `/kube/${options.isFaulty === true ? 'faulty' : 'direct'}`,
      NODE_NAME: this.node,
      POD_NAMESPACE: namespace,
      DAEMONSET_NAME: name,
      ...options.env,
    };
  }

  async #write(file: string, content: string | Uint8Array): Promise<void> {
    await this.lab.onNode(this.node, ['sh', '-c', `mkdir -p ${folder} && cat > ${folder}/${file}`], content);
  }
}

/** The labels, and phase, reason and version of the status. */
export async function readNodeState(lab: LabDriver, node: string): Promise<Readonly<Record<string, string>>> {
  const { 'katacontainers.io/kata-deploy-status': status, ...rest } = await readOurMetadata(lab, node);
  if (status === undefined) return rest;
  const { phase, reason, version } = JSON.parse(status) as Record<string, string>;
  return { ...rest, status: `${phase ?? ''} ${reason ?? ''} ${version ?? ''}`.trim() };
}

/** Reasons of our Events of a node, oldest first. */
export async function readEvents(lab: LabDriver, node: string): Promise<readonly string[]> {
  return (await readTimedEvents(lab, node)).map(({ reason }) => reason);
}

/** The same with their times in milliseconds since 1970. */
export async function readTimedEvents(
  lab: LabDriver,
  node: string,
): Promise<readonly { readonly reason: string; readonly at: number }[]> {
  const text = await lab.kubectl([
    ...['get', 'events.v1.events.k8s.io', '--namespace', 'default', '--output=json'],
  ]);
  const { items } = JSON.parse(text) as { items: readonly EventJson[] };
  return items
    .filter(
      (item) => item.reportingController === 'katacontainers.io/kata-deploy' && item.regarding?.name === node,
    )
    .map(({ reason, eventTime }) => ({ reason, at: Date.parse(eventTime) }))
    .toSorted((a, b) => a.at - b.at);
}

/** A DaemonSet without the installer: only its existence and its node selection matter. */
export function daemonSet(options: { readonly name?: string; readonly spec?: object } = {}): object {
  const labels = { app: options.name ?? name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: options.name ?? name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: 'registry.lab:5000/pause:1' }],
          ...options.spec,
        },
      },
    },
  };
}

export async function waitForDeletion(lab: LabDriver, words: readonly string[]): Promise<void> {
  await waitFor({ what: `deletion of ${words.join(' ')}`, timeoutMs: 60_000 }, async () => {
    const found = await lab.kubectl(['get', ...words, '--ignore-not-found', '--output=name']);
    return found === '' ? true : undefined;
  });
}

interface EventJson {
  readonly reportingController?: string;
  readonly regarding?: { readonly name?: string };
  readonly eventTime: string;
  readonly reason: string;
}

/** Without TLS, which the client accepts only with this field. */
function plain(port: number): object {
  return { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
}

function kubeconfig(cluster: object, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: name, user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: name } }],
    'current-context': 'lab',
  });
}
