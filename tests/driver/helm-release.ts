/** A Helm release in a lab, operated by the orchestrator's code; its Helm can be killed at any of its writes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@kata/core';
import {
  Helm,
  type HelmContext,
  type HelmEvent,
  type OpenChart,
  openChart,
  readBase,
  type ReleaseSnapshot,
  snapshotOf,
  upgradeRelease,
} from '@kata/orchestrator';
import { writeProgram } from '@kata/orchestrator/testkit';
import { execa } from 'execa';
import { ApiGate, type Hold } from './api-gate.ts';
import { findHelm } from './helm-chart.ts';
import type { LabDriver } from './lab-driver.ts';
import { type SmallChart, writeSmallChart } from './small-chart.ts';

const namespace = 'helm-test';

/** What a user gave; each kind of value that Helm could lose. */
export const userValues = {
  list: ['p', 'q'],
  map: { two: null, three: { four: 'x' } },
  text: 'mine',
  'example.org/dotted': { a: 1.5 },
};

interface Parts {
  readonly lab: LabDriver;
  readonly directory: string;
  readonly gate: ApiGate;
  readonly helm: Helm;
  readonly real: string;
  readonly kubeconfig: string;
}

export class HelmReleases implements AsyncDisposable {
  readonly directory: string;
  readonly gate: ApiGate;
  readonly helm: Helm;
  readonly events: HelmEvent[] = [];
  /** Charts of versions 1.0.0 and 2.0.0. */
  readonly first: OpenChart;
  readonly second: OpenChart;
  readonly #parts: Parts;

  private constructor(parts: Parts, charts: { readonly first: OpenChart; readonly second: OpenChart }) {
    this.first = charts.first;
    this.second = charts.second;
    this.directory = parts.directory;
    this.gate = parts.gate;
    this.helm = parts.helm;
    this.#parts = parts;
  }

  static async open(lab: LabDriver): Promise<HelmReleases> {
    const directory = await mkdtemp(join(tmpdir(), 'kata-helm-test-'));
    const gate = await ApiGate.open((await lab.lab(['kubeconfig', '--path'])).trim());
    const real = await findHelm();
    // Its process is Helm itself, under the same id.
    const program = join(directory, 'helm');
    await writeProgram(program, `echo $$ >${directory}/pid\nexec ${real} "$@"`);
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf(gate.url));
    const environment = { PATH: '/usr/bin:/bin', KUBECONFIG: kubeconfig };
    const helm = await Helm.open({ program, environment });
    const [first, second] = await Promise.all(
      ['1.0.0', '2.0.0'].map(async (version) => await openSmallChart(helm, directory, { version })),
    );
    if (first === undefined || second === undefined) throw new TypeError('no charts');
    return new HelmReleases({ lab, directory, gate, helm, real, kubeconfig }, { first, second });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.helm[Symbol.asyncDispose]();
    await this.gate[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true });
  }

  context(name: string): HelmContext {
    const emit = (event: HelmEvent): void => void this.events.push(event);
    return { helm: this.helm, release: { name, namespace }, emit, clock: systemClock };
  }

  /** The kinds of events since the last call. */
  takeEvents(): readonly string[] {
    return this.events.splice(0).map(({ kind }) => kind);
  }

  async chart(chart: SmallChart): Promise<OpenChart> {
    return await openSmallChart(this.helm, this.directory, chart);
  }

  /** As a user runs it, through the gate, too. */
  async user(argv: readonly string[], values?: object): Promise<string> {
    const { stdout } = await execa(this.#parts.real, [...argv, '--namespace', namespace], {
      env: { KUBECONFIG: this.#parts.kubeconfig },
      ...(values === undefined ? {} : { input: JSON.stringify(values) }),
    });
    return stdout;
  }

  async install(name: string, values: object = userValues, chart = this.first): Promise<HelmContext> {
    await this.user(['install', name, chart.path, '--create-namespace', '--values', '-'], values);
    return this.context(name);
  }

  async snapshot(name: string): Promise<ReleaseSnapshot> {
    return snapshotOf((await readBase(this.context(name))).base);
  }

  /** To the second chart, by a Helm that the signal terminates. */
  async upgradeUntil(signal: AbortSignal, name: string): Promise<void> {
    const { kubeconfig, real } = this.#parts;
    const environment = { PATH: '/usr/bin:/bin', KUBECONFIG: kubeconfig };
    await using helm = await Helm.open({ program: real, environment, signal });
    await upgradeRelease({ ...this.context(name), helm }, this.second);
  }

  /** What the objects of a release contain, in the cluster. */
  async deployed(name: string): Promise<string> {
    const get = async (object: string, path: string): Promise<string> =>
      await this.#parts.lab.kubectl([
        'get',
        object,
        name,
        '--namespace',
        namespace,
        `--output=jsonpath=${path}`,
      ]);
    const image = await get('daemonset', '{.spec.template.spec.containers[0].image}');
    return `${await get('configmap', '{.data.text}')} ${image}`;
  }

  /** Revisions as `status`, from the first stored one on. */
  async history(name: string): Promise<readonly string[]> {
    const text = await this.user(['history', name, '--output', 'json']);
    return (JSON.parse(text) as { revision: number; status: string }[]).map(
      ({ revision, status }) => `${revision} ${status}`,
    );
  }

  /** Kills the Helm that runs then, with SIGKILL. Returns the error of the operation. */
  async killAt(hold: Hold, operation: () => Promise<unknown>): Promise<unknown> {
    const held = this.gate.holdAt(hold);
    const failed = operation().then(
      () => new Error('was not killed'),
      (error: unknown) => error,
    );
    await Promise.race([held, failed]);
    process.kill(Number(await readFile(join(this.directory, 'pid'), 'utf8')), 'SIGKILL');
    const error = await failed;
    this.gate.reset();
    return error;
  }

  /** The same for a command of a user. */
  async killUser(hold: Hold, argv: readonly string[]): Promise<void> {
    const call = { what: 'be killed', timeoutMs: 60_000 };
    await this.killAt(hold, async () => await this.helm.run([...argv, '--namespace', namespace], call));
  }
}

async function openSmallChart(helm: Helm, directory: string, chart: SmallChart): Promise<OpenChart> {
  const path = await writeSmallChart(directory, chart);
  return await openChart(helm, { kind: 'path', path }, { version: chart.version });
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'gate', cluster: { server } }],
    users: [{ name: 'gate', user: {} }],
    contexts: [{ name: 'gate', context: { cluster: 'gate', user: 'gate' } }],
    'current-context': 'gate',
  });
}
