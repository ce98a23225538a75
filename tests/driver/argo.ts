/** Runs kata-lifecycle through Argo Workflows as a user does: the seeds' commands, with the addresses of a lab. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@kata/core';
import type { LabDriver } from './lab-driver.ts';

const ends: readonly string[] = ['Succeeded', 'Failed', 'Error'];

/** Of the registry in the lab, as pods reach it: they have no DNS. */
const source = 'chart.source=oci://10.77.0.10:5000/charts/kata-deploy,chart.plainHttp=true';
const image = 'image.reference=registry.lab:5000/kata-lifecycle-manager';

/** As the defaults of both charts have it. */
export const kataNamespace = 'kube-system';

export interface WorkflowEnd {
  readonly name: string;
  readonly phase: string;
  readonly message: string;
  /** What became of the pod of each step, such as `node(0:n1)`. */
  readonly pods: Readonly<Record<string, string>>;
}

interface WorkflowJson {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly nodes?: Readonly<Record<string, StepJson>>;
  };
}

interface StepJson {
  readonly type: string;
  readonly templateName?: string;
  readonly displayName: string;
  readonly phase: string;
}

export class ArgoDriver {
  readonly #lab: LabDriver;

  constructor(lab: LabDriver) {
    this.#lab = lab;
  }

  /** The lab with Argo, kata-deploy of the version under the names of its defaults, and the chart of kata-lifecycle. */
  async begin(engines: readonly string[], version: string, pod: string): Promise<void> {
    await this.#lab.down();
    await this.#lab.up(['--argo', ...engines.flatMap((engine) => ['--engine', engine])]);
    await this.#lab.lab(['publish']);
    await this.#lab.lab([
      ...['helm', 'install', 'kata-deploy', `${await this.#charts()}/kata-deploy`, '--plain-http'],
      ...['--version', version, '--namespace', kataNamespace],
      ...['--set', 'image.reference=registry.lab:5000/kata-deploy'],
    ]);
    await this.#lab.kubectl([
      ...['rollout', 'status', 'daemonset/kata-deploy', '--namespace', kataNamespace, '--timeout=300s'],
    ]);
    await this.#lab.kubectl(['label', 'nodes', '--all', 'katacontainers.io/kata-upgrade-window=true']);
    await this.install(pod);
  }

  /** The chart under the seed's name; again: with another pod. */
  async install(pod: string, values: readonly string[] = []): Promise<void> {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kata-argo-'));
    const file = join(folder.path, 'verification-pod.yaml');
    await writeFile(file, pod);
    const charts = await this.#charts();
    await this.#lab.lab([
      ...['helm', 'upgrade', '--install', 'kata-upgrade', `${charts}/kata-upgrade`],
      ...['--plain-http', '--set', 'argoNamespace=argo', '--set-file', `defaults.verificationPod=${file}`],
      ...['--set', source, '--set', image, ...values.flatMap((value) => ['--set', value])],
    ]);
  }

  /** Returns the name of the workflow. */
  async submit(words: readonly string[], input?: string): Promise<string> {
    const from = input === undefined ? ['--from', 'workflowtemplate/kata-upgrade'] : ['-'];
    const argv = ['argo', 'submit', '-n', 'argo', ...from, ...words, '--output=name'];
    return (await this.#lab.lab(argv, input)).trim();
  }

  async uidOf(workflow: string): Promise<string> {
    return (await this.#read(workflow)).metadata.uid;
  }

  async end(workflow: string, timeoutMs = 900_000): Promise<WorkflowEnd> {
    const what = `workflow ${workflow} to end`;
    return await waitFor({ what, timeoutMs, intervalMs: 1000 }, async () => {
      const { status } = await this.#read(workflow);
      const { phase = '', message = '', nodes = {} } = status ?? {};
      if (!ends.includes(phase)) return undefined;
      const pods = Object.values(nodes).filter(({ type }) => type === 'Pod');
      return {
        ...{ name: workflow, phase, message },
        pods: Object.fromEntries(pods.map((step) => [step.displayName, step.phase])),
      };
    });
  }

  async run(words: readonly string[], input?: string): Promise<WorkflowEnd> {
    return await this.end(await this.submit(words, input));
  }

  async upgrade(version: string, words: readonly string[] = []): Promise<WorkflowEnd> {
    return await this.run(['-p', `target-version=${version}`, ...words]);
  }

  async terminate(workflow: string): Promise<void> {
    await this.#lab.lab(['argo', 'terminate', '-n', 'argo', workflow]);
  }

  /** Waits until Argo has seen that the pod of the step runs. */
  async untilSeen(workflow: string, step: string): Promise<void> {
    const what = `Argo to see that step ${step} runs`;
    await waitFor({ what, timeoutMs: 60_000, intervalMs: 300 }, async () => {
      const steps = Object.values((await this.#read(workflow)).status?.nodes ?? {});
      const isSeen = steps.some(
        ({ type, templateName, phase }) => type === 'Pod' && templateName === step && phase === 'Running',
      );
      return isSeen ? true : undefined;
    });
  }

  /** What the steps printed. */
  async logs(workflow: string): Promise<string> {
    return await this.#lab.lab(['argo', 'logs', '-n', 'argo', workflow]);
  }

  /** The pods of a workflow that have not ended. */
  async runningPods(workflow: string): Promise<readonly string[]> {
    const names = await this.#lab.kubectl([
      ...['get', 'pods', '--namespace=argo', `--selector=workflows.argoproj.io/workflow=${workflow}`],
      ...['--field-selector=status.phase!=Succeeded,status.phase!=Failed'],
      '--output=jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}',
    ]);
    return names.split('\n').filter((name) => name !== '');
  }

  async #charts(): Promise<string> {
    const { registry } = JSON.parse(await this.#lab.lab(['status', '--output', 'json'])) as {
      readonly registry: string;
    };
    return `oci://${registry}/charts`;
  }

  async #read(workflow: string): Promise<WorkflowJson> {
    const argv = ['get', 'workflow', workflow, '--namespace=argo', '--output=json'];
    return JSON.parse(await this.#lab.kubectl(argv)) as WorkflowJson;
  }
}
