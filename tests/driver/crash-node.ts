/** A node whose state can be saved and restored, and on which one command runs a whole trial of a kill. */
import { strict as assert } from 'node:assert';
import { posix } from 'node:path';
import { approvedAnnotation, statusAnnotation } from '@kata/kata';
import { dumpScript, foreignSettings } from './engine-answers.ts';
import { killAt, type KillPoint, readKillPoints, traceCalls, traceFile, wasKilled } from './journal-calls.ts';
import { readOurMetadata, treeScript } from './kata-steps.ts';
import type { LabDriver } from './lab-driver.ts';
import type { NodeInstaller } from './node-installer.ts';
import { runSteps, type StepResult } from './node-steps.ts';
import { copyServedHandlers, servedCommand } from './read-served.ts';

/** A command of the installer on a node in a saved state. */
export interface CrashCommand {
  readonly name: string;
  /** The name of the saved state. */
  readonly from: string;
  readonly image: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `each before or after`: release and handlers change one after the other, so each handler counts by itself. */
  readonly serves?: 'before or after' | 'each before or after';
}

/** The observed state of a node. */
export interface NodeState {
  readonly tree: readonly string[];
  /** What containerd serves, a line for each handler. */
  readonly served: string;
  /** The administrator's settings, as containerd would load them. */
  readonly settings: unknown;
  /** Labels and status of its node object, without time and attempt; empty after a command without a cluster. */
  readonly reported: Readonly<Record<string, unknown>>;
}

export interface Trial {
  /** The last note of the journal; empty where there is none. */
  readonly note: string;
  /** All notes of the journal. */
  readonly notes: readonly string[];
  /** As containerd would have loaded them after the kill. */
  readonly settings: unknown;
  /** By containerd, restarted after the kill; undefined when it was not restarted. */
  readonly servedAfterKill: string | undefined;
  /** After the command was run again. */
  readonly after: NodeState;
}

/** A run that was killed by its own restart of the engine, and the next run. */
export interface KilledByRestart {
  /** The last note of the first run. */
  readonly note: string;
  /** When containerd was last started: before the runs, after the first, after the second. */
  readonly starts: readonly [string, string, string];
  readonly after: NodeState;
}

interface JournalEntry {
  readonly step: number;
  readonly phase: string;
  readonly action: string;
}

const folder = '/run/kata-test-crash';
/** Without systemd's limit of starts in a row. */
const restart = 'systemctl reset-failed containerd; systemctl restart containerd';
const complaints = `start=$(systemctl show --value --property=InvocationID containerd)
  journalctl _SYSTEMD_INVOCATION_ID=$start --output cat |
  grep 'failed to load plugin.*id=io.containerd.grpc.v1.cri' | tail -n 1`;
const tieFile = '/run/systemd/system/containerd.service.d/kill-installer.conf';
const reload = 'systemctl daemon-reload';
const lastStart = 'systemctl show --value --property=ExecMainStartTimestampMonotonic containerd';
const readJournal =
  'cat /opt/kata/state/journal.json /opt/kata.kata-removed/state/journal.json 2>/dev/null; true';

export class CrashNode {
  readonly #lab: LabDriver;
  readonly #node: string;
  readonly #installer: NodeInstaller;
  /** Shell command that prints containerd's handlers. */
  readonly #readServed: string;

  /** `image` is unpacked on the node. */
  constructor(lab: LabDriver, node: string, installer: NodeInstaller, image: string) {
    this.#lab = lab;
    this.#node = node;
    this.#installer = installer;
    this.#readServed = servedCommand(image);
  }

  async prepare(): Promise<void> {
    await copyServedHandlers(this.#lab, this.#node);
  }

  /** Saves the files of Kata and containerd under a name. */
  async save(name: string): Promise<void> {
    const saved = `${folder}/${name}`;
    await this.#shell(`set -e
      rm -rf ${saved}; mkdir -p ${saved}/opt
      cp -a /etc/containerd ${saved}/containerd
      find /opt -mindepth 1 -maxdepth 1 -name 'kata*' -exec cp -a {} ${saved}/opt/ ';'`);
  }

  /** Restores a saved state and restarts containerd. */
  async restore(name: string): Promise<NodeState> {
    return await this.#look({ reset: reset(name) });
  }

  /** Runs a command to its end. */
  async run(command: CrashCommand): Promise<NodeState> {
    const { from, image, words, env } = command;
    await this.#clearReported(command);
    const { text } = this.#installer.commandUnder([], image, words, env);
    const state = await this.#look({ reset: reset(from), run: `${text} 2>&1` });
    return { ...state, reported: await this.#readReported(command) };
  }

  /** Runs it to its end under strace; returns the points at which it can be killed. */
  async trace({ from, image, words, env }: CrashCommand): Promise<readonly KillPoint[]> {
    const { text } = this.#installer.commandUnder(traceCalls, image, words, env);
    const steps = await this.#steps({
      reset: reset(from),
      run: `${text} 2>&1`,
      trace: `cat ${traceFile}`,
    });
    expectDone(steps.run, 'under strace');
    return readKillPoints(steps.trace.output);
  }

  /** Kills it at the point, restarts containerd or not, and runs it again. */
  async try(command: CrashCommand, point: KillPoint, engine: 'restarted' | 'as it was'): Promise<Trial> {
    const { from, image, words, env } = command;
    await this.#clearReported(command);
    const killed = this.#installer.commandUnder(killAt(point), image, words, env);
    const again = this.#installer.commandUnder([], image, words, env);
    const steps = await this.#steps({
      reset: reset(from),
      kill: `${killed.text} 2>&1`,
      trace: `cat ${traceFile}`,
      journal: readJournal,
      dump: dumpScript,
      there: engine === 'restarted' ? `${restart} && ${this.#readServed}` : 'true',
      again: `${again.text} 2>&1`,
      served: this.#readServed,
      settings: dumpScript,
      tree: treeScript,
    });
    expectDone(steps.reset, 'the node was not restored');
    assert.ok(wasKilled(steps.trace.output, point), `it was not killed:\n${steps.kill.output}`);
    expectDone(steps.dump, 'containerd does not load its configuration');
    expectDone(steps.there, 'containerd does not restart');
    expectDone(steps.again, 'the second run failed');
    const notes = readNotes(steps.journal.output);
    return {
      notes,
      note: notes.at(-1) ?? '',
      settings: foreignSettings(steps.dump.output),
      servedAfterKill: engine === 'restarted' ? steps.there.output : undefined,
      after: { ...readState(steps), reported: await this.#readReported(command) },
    };
  }

  /** Why a running containerd may not answer on its CRI socket: its log of a failed plugin; empty when it is healthy. */
  async complaint(): Promise<string> {
    return await this.#shell(complaints);
  }

  /** Runs it so that it is killed as soon as containerd has stopped, and then again normally. */
  async killByRestart({ from, image, words, env }: CrashCommand): Promise<KilledByRestart> {
    const tied = this.#installer.commandUnder([], image, words, env);
    const again = this.#installer.commandUnder([], image, words, env);
    const steps = await this.#steps({
      reset: reset(from),
      tie: `mkdir -p ${posix.dirname(tieFile)}
        printf '[Service]\\nExecStopPost=systemctl kill --signal=SIGKILL ${tied.unit}\\n' > ${tieFile} && ${reload}`,
      begun: lastStart,
      run: `${tied.text} 2>&1`,
      // The restart continues without the installer: this waits for it.
      restarted: 'systemctl start containerd',
      untie: `rm ${tieFile} && ${reload}`,
      journal: readJournal,
      between: lastStart,
      again: `${again.text} 2>&1`,
      ended: lastStart,
      served: this.#readServed,
      settings: dumpScript,
      tree: treeScript,
    });
    expectDone(steps.tie, 'cannot install the drop-in that kills the installer');
    assert.notEqual(steps.run.exitCode, 0, `it was not killed:\n${steps.run.output}`);
    expectDone(steps.again, 'the second run failed');
    return {
      note: readNotes(steps.journal.output).at(-1) ?? '',
      starts: [steps.begun.output, steps.between.output, steps.ended.output],
      after: readState(steps),
    };
  }

  async #look(first: Readonly<Record<string, string>>): Promise<NodeState> {
    const look = { served: this.#readServed, settings: dumpScript, tree: treeScript };
    const steps: Readonly<Record<keyof typeof look, StepResult>> = await this.#steps({ ...first, ...look });
    for (const [name, step] of Object.entries(steps)) expectDone(step, name);
    return readState(steps);
  }

  /** Removes labels and status, so that everything there after a command was written by that command. */
  async #clearReported(command: CrashCommand): Promise<void> {
    if (!usesCluster(command)) return;
    const reported = Object.keys(await readOurMetadata(this.#lab, this.#node));
    const removals = reported.filter((key) => key !== approvedAnnotation('')).map((key) => `${key}-`);
    if (removals.length === 0) return;
    for (const verb of ['label', 'annotate']) {
      await this.#lab.kubectl([verb, 'node', this.#node, ...removals]);
    }
  }

  async #readReported(command: CrashCommand): Promise<NodeState['reported']> {
    if (!usesCluster(command)) return {};
    const { [statusAnnotation('')]: status = '{}', ...others } = await readOurMetadata(this.#lab, this.#node);
    const says = Object.entries(JSON.parse(status) as object).filter(([key]) => !ofAttempt.includes(key));
    return { ...others, status: Object.fromEntries(says) };
  }

  async #steps<Name extends string>(
    steps: Readonly<Record<Name, string>>,
  ): Promise<Readonly<Record<Name, StepResult>>> {
    return await runSteps(this.#lab, this.#node, steps);
  }

  async #shell(script: string): Promise<string> {
    return await this.#lab.onNode(this.#node, ['sh', '-c', script]);
  }
}

/** Fields of the status that differ between two runs with the same result. */
const ofAttempt: readonly string[] = ['time', 'attempt'];

function usesCluster({ env }: CrashCommand): boolean {
  return env?.['NODE_NAME'] !== undefined;
}

/** Restores file times, too, so containerd's start is later. */
function reset(name: string): string {
  const saved = `${folder}/${name}`;
  return `find /opt -mindepth 1 -maxdepth 1 -name 'kata*' -exec rm -rf {} + &&
    rm -rf /etc/containerd && cp -a ${saved}/containerd /etc/containerd && cp -a ${saved}/opt/. /opt/ && ${restart}`;
}

function expectDone({ exitCode, output }: StepResult, what: string): void {
  assert.equal(exitCode, 0, `${what}:\n${output}`);
}

function readState(steps: Readonly<Record<'served' | 'settings' | 'tree', StepResult>>): NodeState {
  for (const name of ['served', 'settings', 'tree'] as const) expectDone(steps[name], name);
  return {
    served: steps.served.output,
    settings: foreignSettings(steps.settings.output),
    tree: steps.tree.output.split('\n').toSorted(),
    reported: {},
  };
}

function readNotes(journal: string): readonly string[] {
  if (journal === '') return [];
  return (JSON.parse(journal) as readonly JournalEntry[]).map(
    ({ step, phase, action }) => `${phase} ${step + 1}, "${action}"`,
  );
}
