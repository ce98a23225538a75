/** A node in its own lab for tests that inject faults: runs the installer and observes the state before and after. */
import { strict as assert } from 'node:assert';
import { afterEach } from 'vitest';
import { dumpScript, foreignSettings } from './engine-answers.ts';
import { treeScript } from './kata-steps.ts';
import { type CommandResult, LabDriver } from './lab-driver.ts';
import { NodeInstaller } from './node-installer.ts';
import { runSteps, type StepResult } from './node-steps.ts';
import { type Meanwhile, runMeanwhile, type ScriptedRun } from './scripted-run.ts';

/** Everything that a run of the installer may change. */
export interface NodeState {
  /** See `readTree`. */
  readonly tree: readonly string[];
  /** What containerd would load now, without our handlers. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The handlers of the installation that containerd lists. */
  readonly served: readonly string[];
}

export type Environment = Readonly<Record<string, string>>;

const saved = '/run/kata-test-bare';
const restoreScript = `umount /opt /etc/containerd 2>/dev/null
  rm -rf /run/systemd/system/containerd.service.d/90-fault.conf /opt/kata* /etc/containerd/*
  cp -a ${saved}/containerd/. /etc/containerd/
  systemctl daemon-reload; systemctl reset-failed containerd; systemctl restart containerd`;

const versions = ['3.24.0', '3.25.0'] as const;

export class FaultNode {
  readonly lab: LabDriver;
  readonly name = 'n1';
  readonly installer: NodeInstaller;

  constructor(labName: string) {
    this.lab = new LabDriver(labName);
    this.installer = new NodeInstaller(this.lab, this.name);
  }

  /** Unpacks the small payloads of both `versions` under the names of the versions. */
  async up(): Promise<void> {
    await this.lab.down();
    await this.lab.up(['--engine', 'containerd-2.2', '--nodes', '1']);
    await this.lab.lab(['publish', '--size', 'small']);
    for (const version of versions) await this.installer.unpack(version, `${version}-small`);
  }

  /** After a failed test, removes everything of the installer, so that the next test starts on a clean node. */
  restoreAfterFailure(): void {
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await this.shell(restoreScript);
    });
  }

  async shell(script: string): Promise<string> {
    return await this.lab.onNode(this.name, ['sh', '-c', script]);
  }

  async run(
    version: string,
    words: readonly string[],
    environment: Environment = {},
  ): Promise<CommandResult> {
    return await this.installer.run(version, words, environment);
  }

  /** Resolves with standard output. */
  async succeed(version: string, words: readonly string[], environment: Environment = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(version, words, environment);
    assert.equal(exitCode, 0, `${words.join(' ')} with ${version}:\n${stderr}`);
    return stdout;
  }

  async runMeanwhile(
    version: string,
    words: readonly string[],
    ...meanwhile: readonly Meanwhile[]
  ): Promise<ScriptedRun> {
    return await runMeanwhile(this.lab, this.name, this.installer.command(version, words), meanwhile);
  }

  async state(): Promise<NodeState> {
    return readState(await runSteps(this.lab, this.name, this.#looks()));
  }

  /** Runs a command between two shell scripts, then observes the node. */
  async attempt(
    version: string,
    words: readonly string[],
    environment: Environment = {},
    { before, after }: { readonly before: string; readonly after: string },
  ): Promise<{ readonly result: CommandResult; readonly state: NodeState }> {
    const { text } = this.installer.command(version, words, environment);
    const steps = await runSteps(this.lab, this.name, {
      before,
      run: `${text} 2>&1 >/dev/null`,
      after,
      ...this.#looks(),
    });
    const { exitCode, output } = steps.run;
    for (const { exitCode: code, output: said } of [steps.before, steps.after]) assert.equal(code, 0, said);
    return { result: { exitCode, stdout: '', stderr: output }, state: readState(steps) };
  }

  #looks(): Readonly<Record<keyof NodeState, string>> {
    const { text } = this.installer.command('3.24.0', statusWords);
    return { tree: treeScript, settings: dumpScript, served: text };
  }

  async served(): Promise<readonly string[]> {
    return readServed(await this.succeed('3.24.0', statusWords));
  }

  /** The states of the node while Kata is installed, upgraded, rolled back and removed without faults. */
  async walk(): Promise<UndisturbedWalk> {
    await this.shell(`mkdir ${saved} && cp -a /etc/containerd ${saved}/`);
    const bare = await this.state();
    await this.succeed('3.24.0', install);
    const installed = await this.state();
    await this.succeed('3.25.0', install);
    const upgraded = await this.state();
    await this.succeed('3.25.0', ['rollback']);
    const rolledBack = await this.state();
    await this.succeed('3.25.0', ['cleanup']);
    assert.deepEqual(await this.state(), bare);
    return { bare, installed, upgraded, rolledBack };
  }
}

export interface UndisturbedWalk {
  readonly bare: NodeState;
  /** 3.24.0 */
  readonly installed: NodeState;
  /** From 3.24.0 to 3.25.0. */
  readonly upgraded: NodeState;
  /** From 3.25.0 back to 3.24.0. */
  readonly rolledBack: NodeState;
}

function readState(steps: Readonly<Record<keyof NodeState, StepResult>>): NodeState {
  const { tree, settings, served } = steps;
  for (const { exitCode, output } of [tree, settings, served]) assert.equal(exitCode, 0, output);
  return {
    tree: tree.output.split('\n').toSorted(),
    settings: foreignSettings(settings.output),
    served: readServed(served.output),
  };
}

const statusWords = ['status', '--output', 'json'];

function readServed(status: string): readonly string[] {
  const { handlers } = JSON.parse(status) as {
    readonly handlers: readonly { readonly name: string; readonly served: boolean }[];
  };
  return handlers.flatMap((handler) => (handler.served ? handler.name : []));
}

export const install: readonly string[] = ['install', '--once'];

/** Path of the journal on the node. */
export const journal = '/opt/kata/state/journal.json';

/** Every failure must also have a hint, which begins with `next: `. */
export function expectFailure(result: CommandResult, exitCode: number, ...words: readonly string[]): void {
  const text = result.stderr;
  assert.equal(result.exitCode, exitCode, text);
  for (const word of [...words, 'next: ']) assert.ok(text.includes(word), `"${word}" is not in:\n${text}`);
}
