/** A node of the soak: performs steps and observes the result. */
import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@kata/core';
import { type ContainerdName, containerdEngines } from '@kata/lab/engines/catalog.ts';
import { ClusterInstaller } from '../driver/cluster-installer.ts';
import { dumpScript, foreignSettings } from '../driver/engine-answers.ts';
import { readOurMetadata, restartKubelet, treeScript } from '../driver/kata-steps.ts';
import type { CommandResult, LabDriver } from '../driver/lab-driver.ts';
import { LimitedDisk } from '../driver/limited-disk.ts';
import { runSteps } from '../driver/node-steps.ts';
import { copyServedHandlers, namesOf, servedCommand } from '../driver/read-served.ts';
import { compareTrees, type Observation } from './check.ts';
import { type Drift, driftOnce } from './drift.ts';
import { type NodeModel, type Payload, payloads, type Release, settings, type Step } from './model.ts';
import { editScript, foreignDump, foreignFolder } from './other-program.ts';
import type { SoakPods } from './soak-pods.ts';

const install = ['install', '--once'];

interface Observed extends Observation {
  readonly treeWithoutUs: readonly string[];
  readonly plan: string;
}

export class SoakNode {
  readonly name: string;
  /** Drifts that were repaired so far. */
  readonly drifts: Drift[] = [];
  readonly #lab: LabDriver;
  readonly #schema: 2 | 3;
  readonly #cluster: ClusterInstaller;
  readonly #pods: SoakPods;
  #optWithoutUs: readonly string[] = [];

  constructor(lab: LabDriver, name: string, engine: ContainerdName, pods: SoakPods) {
    this.#lab = lab;
    this.name = name;
    this.#schema = containerdEngines[engine].schema;
    this.#cluster = new ClusterInstaller(lab, name);
    this.#pods = pods;
  }

  async prepare(): Promise<void> {
    for (const payload of payloads) await this.#cluster.installer.unpack(payload, `${payload}-small`);
    await this.#shell(`mkdir -p ${foreignFolder} && cp -a /etc/containerd/. ${foreignFolder}/`);
    await this.#equip();
    this.#optWithoutUs = (await this.#shell(treeScript)).split('\n').filter(isOfOpt);
  }

  /** Resolves with the result of the step's command; undefined when it runs none. */
  async perform(step: Step, before: NodeModel): Promise<CommandResult | undefined> {
    switch (step.kind) {
      case 'install':
        return await this.#install(step);
      case 'rollback':
        return await this.#run(before.current, ['rollback']);
      case 'remove':
        return await this.#run(before.current, ['cleanup']);
      case 'pod':
        await this.#pods.change(this.name, step.change);
        return undefined;
      case 'edit':
        await this.#shell(`set -e\n${editScript(step.edit, step.isThere, this.#schema)}`);
        if (step.thenRestart) await this.#shell('systemctl restart containerd');
        return undefined;
      case 'restart':
        await this.#restart(step.what);
        return undefined;
      case 'install on a full disk':
        return await this.#onFullDisk(step.release, install, 'unchanged');
      case 'remove on a full disk':
        return await this.#onFullDisk(before.current, ['cleanup'], 'changed');
      case 'file times as of another clock':
        await this.#shell(
          `find /etc/containerd /opt/kata/containerd -name '*.toml' -exec touch -h -d '${step.days} days' {} +; true`,
        );
        return await this.#run(before.current, install);
      case 'drift': {
        const { payload, env } = optionsOf(before.current);
        this.drifts.push(await driftOnce(this.#cluster, step.loss, { version: payload, env }));
        return undefined;
      }
    }
  }

  /** `planned`: also plans an installation of this release. */
  async observe(planned?: Release): Promise<Observed> {
    const { text } = this.#cluster.command(['verify'], { version: '3.24.0' });
    const { payload, env } = optionsOf(planned);
    const plan = this.#cluster.command(['plan'], { version: payload, env });
    const treeOfOthers = `unshare --mount sh -c 'mount --bind ${foreignFolder} /etc/containerd && ${treeScript}'`;
    const steps = await runSteps(this.#lab, this.name, {
      invocation: 'systemctl show --value --property=InvocationID containerd',
      foreign: dumpScript,
      wanted: foreignDump,
      served: servedCommand('3.24.0', ''),
      verify: `${text} 2>&1`,
      plan: planned === undefined ? 'true' : `${plan.text} 2>&1`,
      tree: treeScript,
      treeOfOthers,
    });
    for (const name of ['invocation', 'foreign', 'wanted', 'served', 'tree', 'treeOfOthers'] as const)
      assert.equal(steps[name].exitCode, 0, `${name} on ${this.name}:\n${steps[name].output}`);
    const lines = (output: string): readonly string[] => output.split('\n');
    return {
      invocation: steps.invocation.output,
      foreign: foreignSettings(steps.foreign.output),
      wanted: foreignSettings(steps.wanted.output),
      served: namesOf(steps.served.output),
      verify: steps.verify,
      plan: steps.plan.output,
      tree: lines(steps.tree.output).toSorted(),
      treeWithoutUs: [
        ...lines(steps.treeOfOthers.output).filter((line) => !isOfOpt(line)),
        ...this.#optWithoutUs,
      ].toSorted(),
      labels: await readOurLabels(this.#lab, this.name),
    };
  }

  /** Our labels and annotations of the node object, one line each. */
  async marks(): Promise<readonly string[]> {
    const found = await readOurMetadata(this.#lab, this.name);
    return Object.entries(found).map(([key, value]) => `${key}=${value}`);
  }

  /** The last log lines of engine and kubelet, for an error report. */
  async logs(): Promise<string> {
    const units = ['containerd', 'kubelet'];
    const texts = units.map((unit) => `journalctl --no-pager --lines=25 --unit=${unit} | cut -c1-300`);
    return await this.#shell(texts.join('; '));
  }

  async #install(step: Extract<Step, { kind: 'install' }>): Promise<CommandResult> {
    const { release, meanwhile } = step;
    if (meanwhile === undefined) return await this.#run(release, install);
    const [result] = await Promise.all([
      this.#run(release, install),
      // By then the release is usually unpacked, and the checks for running pods follow.
      sleep(700).then(async () => await this.#pods.change(this.name, meanwhile)),
    ]);
    return result;
  }

  async #run(release: Release | undefined, words: readonly string[]): Promise<CommandResult> {
    const { payload, env } = optionsOf(release);
    return await this.#cluster.run(words, { version: payload, env });
  }

  async #restart(what: 'engine' | 'kubelet' | 'node'): Promise<void> {
    switch (what) {
      case 'engine':
        await this.#shell('systemctl restart containerd');
        return;
      case 'kubelet':
        await restartKubelet(this.#lab, this.name);
        return;
      case 'node':
        await this.#lab.lab(['node', 'kill', this.name]);
        await this.#lab.lab(['node', 'start', this.name]);
        for (const payload of payloads) await this.#cluster.installer.mount(payload);
        await this.#equip();
        await this.#pods.awaitReboot(this.name);
    }
  }

  async #onFullDisk(
    release: Release | undefined,
    words: readonly string[],
    outcome: 'changed' | 'unchanged',
  ): Promise<CommandResult> {
    const disk = await LimitedDisk.mount(this.#lab, this.name, '/opt');
    const before = await this.#shell(treeScript);
    await disk.apply(disk.leavePages(0));
    const result = await this.#run(release, words);
    await disk.apply(disk.makeRoom);
    const now = await this.#shell(treeScript);
    await disk.writeBack();
    const lines = (tree: string): readonly string[] => tree.split('\n');
    if (outcome === 'unchanged') assert.deepEqual(compareTrees(lines(now), lines(before)), []);
    return result;
  }

  /** Installs what is lost at a boot, because it is in `/run`. */
  async #equip(): Promise<void> {
    await copyServedHandlers(this.#lab, this.name);
    await this.#cluster.writeCredentials();
  }

  async #shell(script: string): Promise<string> {
    return await this.#lab.onNode(this.name, ['sh', '-c', script]);
  }
}

const isOfOpt = (line: string): boolean => /^opt\b|^[0-9a-f]{64} {2}opt\//.test(line);

function optionsOf(release: Release | undefined): {
  readonly payload: Payload;
  readonly env: Readonly<Record<string, string>>;
} {
  if (release === undefined) return { payload: '3.24.0', env: settings.usual.env };
  return { payload: release.payload, env: settings[release.settings].env };
}

async function readOurLabels(lab: LabDriver, node: string): Promise<Readonly<Record<string, string>>> {
  // After a boot the API server may not answer at once.
  return await waitFor({ what: `node ${node}`, timeoutMs: 30_000 }, async () => {
    const found = await readOurMetadata(lab, node);
    return Object.fromEntries(Object.entries(found).filter(([key]) => !key.includes('/kata-deploy-status')));
  });
}
