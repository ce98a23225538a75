/** A node whose Kata can be put back as it was, and where one trial of a kill is one command. */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { approvedAnnotation, statusAnnotation } from '@kata/kata';
import { dumpScript, foreignSettings } from './engine-answers.ts';
import { killAt, type KillPoint, readKillPoints, traceCalls, traceFile, wasKilled } from './journal-calls.ts';
import { readOurMetadata, treeScript } from './kata-steps.ts';
import type { LabDriver } from './lab-driver.ts';
import { imageDirectory, type NodeInstaller } from './node-installer.ts';
import { runSteps, type StepResult } from './node-steps.ts';

/** What the installer is told, on a node in a state that was kept. */
export interface CrashCommand {
  readonly name: string;
  /** The name of the state. */
  readonly from: string;
  readonly image: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where a release and a handler change, one after the other: each handler as before or as after. Default: all. */
  readonly serves?: 'before or after' | 'each before or after';
}

/** Where a node stands. */
export interface NodeState {
  readonly tree: readonly string[];
  /** What containerd serves, a line for each handler. */
  readonly served: string;
  /** The administrator's settings, as containerd would load them. */
  readonly settings: unknown;
  /** What its node object says, whenever and by whichever attempt; empty after a command that knows no cluster. */
  readonly reported: Readonly<Record<string, unknown>>;
}

export interface Trial {
  /** The last note of the journal; empty where there is none. */
  readonly note: string;
  /** All notes of the journal. */
  readonly notes: readonly string[];
  /** As containerd would have loaded them where the installer was killed. */
  readonly settings: unknown;
  /** By containerd, restarted there; undefined when it was not. */
  readonly servedAfterKill: string | undefined;
  /** When the command was run again. */
  readonly after: NodeState;
}

/** A run that ended with the engine that it restarted, and the next one. */
export interface KilledByRestart {
  /** The last note of the first. */
  readonly note: string;
  /** When containerd was started last: before them, after the first, after the second. */
  readonly starts: readonly [string, string, string];
  readonly after: NodeState;
}

interface JournalEntry {
  readonly step: number;
  readonly phase: string;
  readonly action: string;
}

const folder = '/run/kata-test-crash';
const program = `${folder}/served-handlers.ts`;
/** Without the limit of systemd on starts in a row. */
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
  /** Asks containerd for its handlers. */
  readonly #readServed: string;

  /** `image` is unpacked on the node. */
  constructor(lab: LabDriver, node: string, installer: NodeInstaller, image: string) {
    this.#lab = lab;
    this.#node = node;
    this.#installer = installer;
    this.#readServed = `${imageDirectory(image)}/usr/bin/node --disable-warning=ExperimentalWarning ${program} /run/containerd/containerd.sock`;
  }

  async prepare(): Promise<void> {
    const text = await readFile(join(import.meta.dirname, 'served-handlers.ts'));
    await this.#shell(`mkdir -p ${folder} && cat > ${program}`, text);
  }

  /** Keeps Kata and containerd's files as they are, under a name. */
  async save(name: string): Promise<void> {
    const saved = `${folder}/${name}`;
    await this.#shell(`set -e
      rm -rf ${saved}; mkdir -p ${saved}/opt
      cp -a /etc/containerd ${saved}/containerd
      find /opt -mindepth 1 -maxdepth 1 -name 'kata*' -exec cp -a {} ${saved}/opt/ ';'`);
  }

  /** Puts a kept state back, with containerd as it was then. */
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

  /** Runs it to its end under strace, and tells where it can be killed. */
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

  /** Kills it there, has containerd restarted or not, and runs it again. */
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
    expectDone(steps.reset, 'the node was not put back');
    assert.ok(wasKilled(steps.trace.output, point), `it was not killed:\n${steps.kill.output}`);
    expectDone(steps.dump, 'containerd does not load its configuration');
    expectDone(steps.there, 'containerd does not come back');
    expectDone(steps.again, 'run again, it failed');
    const notes = readNotes(steps.journal.output);
    return {
      notes,
      note: notes.at(-1) ?? '',
      settings: foreignSettings(steps.dump.output),
      servedAfterKill: engine === 'restarted' ? steps.there.output : undefined,
      after: { ...readState(steps), reported: await this.#readReported(command) },
    };
  }

  /** Why containerd, running, may still answer nothing: what it logged of the last start; empty when it is well. */
  async complaint(): Promise<string> {
    return await this.#shell(complaints);
  }

  /** Runs it where it is killed as soon as containerd has stopped, and then again as usual. */
  async killByRestart({ from, image, words, env }: CrashCommand): Promise<KilledByRestart> {
    const tied = this.#installer.commandUnder([], image, words, env);
    const again = this.#installer.commandUnder([], image, words, env);
    const steps = await this.#steps({
      reset: reset(from),
      tie: `mkdir -p ${posix.dirname(tieFile)}
        printf '[Service]\\nExecStopPost=systemctl kill --signal=SIGKILL ${tied.unit}\\n' > ${tieFile} && ${reload}`,
      begun: lastStart,
      run: `${tied.text} 2>&1`,
      // That of systemd goes on: this waits for its end.
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
    expectDone(steps.tie, 'the kill cannot be tied to containerd');
    assert.notEqual(steps.run.exitCode, 0, `it was not killed:\n${steps.run.output}`);
    expectDone(steps.again, 'run again, it failed');
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

  /** As on a node object that was made anew: all that is said there after a command, it has said itself. */
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

  async #shell(script: string, input?: Uint8Array): Promise<string> {
    return await this.#lab.onNode(this.#node, ['sh', '-c', script], input);
  }
}

/** Of a status: what differs between two runs that end in the same way. */
const ofAttempt: readonly string[] = ['time', 'attempt'];

function usesCluster({ env }: CrashCommand): boolean {
  return env?.['NODE_NAME'] !== undefined;
}

/** The times of the files come back with them, so containerd's start is later. */
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
