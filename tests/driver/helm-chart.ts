/** Renders a chart with the lab's Helm, and resolves the settings that the program would have on a node. */
import { cp, mkdtempDisposable, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadFile, resolveSettings, type Settings } from '@kata/settings';
import type { GoArchitecture } from '@kata/core';
import { kataArchitectures } from '@kata/kata';
import { buildTool } from '@kata/lab/tools/build-tool.ts';
import { readConfig } from '@kata/lab/config.ts';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';

const charts = join(import.meta.dirname, '../../charts');

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly command?: readonly string[];
  readonly securityContext?: object;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly affinity?: object;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly initContainers: readonly [waiter: Container, install: Container];
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
}

interface DaemonSet extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec: PodSpec;
    };
  };
}

/** Builds Helm on first use. */
export async function findHelm(): Promise<string> {
  const { cacheDirectory } = readConfig(process.env);
  const { directory } = await buildTool('helm', { cache: cacheDirectory, say: () => undefined });
  return join(directory, 'helm');
}

interface RenderOptions {
  /** Of the chart. */
  readonly folder?: string;
  /** Name of the release. */
  readonly release?: string;
  readonly namespace?: string;
}

export class HelmChart {
  readonly #helm: string;
  readonly #folder: string;

  /** `name`: of a folder in `charts`. */
  constructor(helm: string, name = 'kata-deploy') {
    this.#helm = helm;
    this.#folder = join(charts, name);
  }

  /** All objects. @throws Error with Helm's output when it refuses the values. */
  async render(
    values: object = {},
    words: readonly string[] = [],
    { folder = this.#folder, release = 'kata', namespace = 'kata' }: RenderOptions = {},
  ): Promise<readonly KubernetesObject[]> {
    const argv = ['template', release, folder, '--namespace', namespace, '--values', '-', ...words];
    const { exitCode, stdout, stderr } = await execa(this.#helm, argv, {
      input: JSON.stringify(values),
      reject: false,
    });
    if (exitCode !== 0) throw new Error(stderr);
    return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
  }

  /** What Helm prints after an installation. `helm template` leaves it out, so a copy of the chart has it in an object. */
  async notes(values: object = {}, options: Omit<RenderOptions, 'folder'> = {}): Promise<string> {
    await using scratch = await mkdtempDisposable(join(tmpdir(), 'chart-notes-'));
    await cp(this.#folder, scratch.path, { recursive: true });
    await rename(join(scratch.path, 'templates/NOTES.txt'), join(scratch.path, 'notes.txt'));
    await writeFile(join(scratch.path, 'templates/notes.yaml'), notesTemplate);
    const words = ['--show-only', 'templates/notes.yaml'];
    const [object] = await this.render(values, words, { ...options, folder: scratch.path });
    return (object as unknown as { readonly data: { readonly notes: string } }).data.notes;
  }

  async daemonSet(values: object = {}): Promise<DaemonSet['spec']['template']> {
    const found = (await this.render(values)).find(({ kind }) => kind === 'DaemonSet');
    if (found === undefined) throw new Error('the chart rendered no DaemonSet');
    return (found as DaemonSet).spec.template;
  }

  /** The settings that the install container resolves from its variables and files on a node. */
  async settings(values: object, architecture: GoArchitecture = 'amd64'): Promise<Settings> {
    const objects = await this.render(values);
    const daemonSet = objects.find(({ kind }) => kind === 'DaemonSet') as DaemonSet | undefined;
    const [, container] = daemonSet?.spec.template.spec.initContainers ?? [];
    const environment = Object.fromEntries(container?.env.map(({ name, value }) => [name, value]) ?? []);
    const { settings } = await resolveSettings({
      flags: {},
      environment,
      kataArchitecture: kataArchitectures[architecture],
      readFile: readerOf(objects.find(({ kind }) => kind === 'ConfigMap')),
    });
    return settings;
  }
}

const notesTemplate = `kind: ConfigMap
metadata: { name: notes }
data:
  notes: {{ tpl (.Files.Get "notes.txt") . | toJson }}
`;

function readerOf(configMap: KubernetesObject | undefined): ReadFile {
  const data = (configMap?.['data'] ?? {}) as Readonly<Record<string, string>>;
  return async (path) =>
    path.startsWith('/custom-configs/') ? data[path.slice('/custom-configs/'.length)] : undefined;
}
