/** One run: performs actions, and rolls them back. `facts` is the state of the node that the plan was made from. */
import { describeError, exitCodes, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { type Emit, messageOf } from '@kata/report';
import type { EngineSession } from '../engine/engine-session.ts';
import type { MergeBack } from '../engine/engine-files.ts';
import type { NodeFacts } from '../facts/facts.ts';
import type { SandboxWatch } from '../facts/sandbox-watch.ts';
import { judgeAction, needsRecheck, type Verdict } from '../plan/recheck-sandboxes.ts';
import { adoptedRecord } from '../plan/plan-adoption.ts';
import type { Action } from '../state/actions.ts';
import { changesEngine } from '../state/activation.ts';
import { removeInstallation } from '../state/create-and-remove.ts';
import { type Goal, Journal } from '../state/journal.ts';
import { emptyRecord, type OwnershipRecord } from '../state/record.ts';
import { RunningRecord } from '../state/running-record.ts';
import { EngineRun } from './engine-run.ts';
import { type InstallerEvent, outlineAction } from './events.ts';
import type { FailedStart } from './failed-start.ts';
import { FileChanges } from './file-changes.ts';
import type { ReleaseWork } from './release-work.ts';
import { SandboxNotes } from './sandbox-notes.ts';

export interface RunOptions {
  readonly host: Host;
  readonly prefix: HostPath;
  readonly facts: NodeFacts;
  readonly goal: Goal;
  /** Handlers that shall be served when all is done; empty when removing. */
  readonly handlers: readonly Handler[];
  /** Those of them whose configuration belongs to the release that shall be active. */
  readonly ownHandlers: readonly Handler[];
  /** The engine's configuration in addition to handlers; undefined: that of the settings. */
  readonly told: OwnershipRecord['engine'];
  /** The same for the record; undefined when removing. */
  readonly engineEntry: OwnershipRecord['engine'];
  /** For all stages but the last: the run counts as interrupted until the next stage finishes it. */
  readonly leaveJournalOpen?: boolean;
  /** When aborted, the run ends after the present action; the next run finishes it. */
  readonly signal?: AbortSignal | undefined;
  readonly engine: EngineSession;
  readonly releases: ReleaseWork;
  readonly watch: Pick<SandboxWatch, 'look'>;
  readonly failedStart: FailedStart;
  readonly emit: Emit<InstallerEvent>;
}

export class Run {
  readonly #options: RunOptions;
  readonly #journal: Journal;
  readonly #record: RunningRecord;
  readonly #engine: EngineRun;
  readonly #changes: FileChanges;
  readonly #sandboxes: SandboxNotes;
  /** The record at the start of the run. */
  readonly #begun: OwnershipRecord | undefined;
  readonly #done: Action[] = [];
  #removed = false;

  constructor(options: RunOptions) {
    const { host, prefix, facts, goal, handlers, told, watch, engine: session } = options;
    this.#options = options;
    this.#begun = adoptedRecord(prefix, facts);
    this.#record = new RunningRecord(host, prefix, { before: facts.record, begun: this.#begun });
    this.#journal = new Journal(host, prefix, goal, facts.engineNote);
    this.#engine = new EngineRun({ units: host.units, session, facts, begun: this.#begun, handlers, told });
    this.#changes = new FileChanges(host, prefix, facts.engine, this.#record);
    this.#sandboxes = new SandboxNotes(facts, watch, this.#record);
  }

  /** See `EngineRun`. */
  get failedRestart(): boolean {
    return this.#engine.failedRestart;
  }

  /** See `EngineRun`. */
  get restartedKubelet(): boolean {
    return this.#engine.restartedKubelet;
  }

  async begin(): Promise<void> {
    await this.#record.begin(this.#options.handlers);
  }

  /** `action`: the next one; undefined when all are done. */
  async judge(action: Action | undefined): Promise<Verdict> {
    if (this.#removed || (action !== undefined && !needsRecheck(action))) return 'continue';
    const { goal, handlers, facts, watch } = this.#options;
    return judgeAction(action, await watch.look(), {
      command: goal.command,
      done: this.#done,
      planned: facts.sandboxes,
      before: (this.#begun ?? emptyRecord).handlers,
      after: handlers,
      record: this.#record.now,
      bootId: facts.bootId,
      named: facts.named,
    });
  }

  /** @throws KataError when the engine could not load what is on disk */
  async checkEngine(): Promise<void> {
    await this.#engine.check(this.#record.now, this.#done);
  }

  /** `endsChanges`: nothing more changes for the engine before it is restarted. */
  async perform(step: number, action: Action, endsChanges: boolean): Promise<string> {
    const removesJournal = action.kind === 'installation.remove';
    const isChange = changesEngine(action);
    if (isChange) {
      this.#journal.engine = 'pending';
      await this.#engine.noteStart();
    }
    if (!removesJournal) await this.#journal.note(step, 'before', action);
    const detail = await this.#perform(action);
    this.#done.push(action);
    if (isChange && endsChanges) this.#journal.engine = await this.#engine.changedNow();
    if (action.kind === 'engine.restart') this.#journal.engine = 'loaded';
    if (!removesJournal) await this.#journal.note(step, 'after', action);
    return detail;
  }

  /** Rolls back what this run changed, as far as it came, and fails with the reason. */
  async undo(failed: Action | undefined, cause: unknown): Promise<never> {
    const { emit } = this.#options;
    emit({ kind: 'undo.started', reason: messageOf(cause) });
    const { error, isUndone } = await this.#rollBack(failed, cause).catch((thrown: unknown) => ({
      error: thrown,
      isUndone: false,
    }));
    emit(isUndone ? { kind: 'undo.done' } : { kind: 'undo.failed', error: messageOf(error) });
    throw error;
  }

  /** `error`: the one to end with. */
  async #rollBack(
    failed: Action | undefined,
    cause: unknown,
  ): Promise<{ readonly error: unknown; readonly isUndone: boolean }> {
    const begun = failed === undefined ? this.#done : [...this.#done, failed];
    // A full disk has no space for the note; the rollback needs none.
    if (begun.some(changesEngine)) await this.#journal.amend('pending').catch(() => undefined);
    await orGiveUp(cause, async () => {
      // Includes the failed action: it may fail after the change, when only its durability is unknown.
      for (const action of begun.toReversed()) await this.#undoAction(action);
    });
    const { note, error } = await this.#engine.restartAsBefore(failed, cause);
    if (note !== undefined) this.#journal.engine = note;
    await orGiveUp(cause, async () => await this.#restoreState());
    return { error: error ?? cause, isUndone: error === undefined || note !== undefined };
  }

  /** All actions are done. */
  async end(): Promise<void> {
    if (this.#removed) return;
    await this.#record.commit();
    if (this.#options.leaveJournalOpen !== true) await this.finish();
  }

  async finish(): Promise<void> {
    await this.#sandboxes.afterSwitch();
    const { handlers, ownHandlers, engineEntry, goal } = this.#options;
    const { current, handlersByRelease, files, adopted } = this.#record.now;
    await this.#record.save({
      handlers: [...handlers],
      handlersByRelease:
        current === null ? handlersByRelease : { ...handlersByRelease, [current]: [...ownHandlers] },
      files: files.map(({ path, original, leftSha256 }) => ({ path, original, leftSha256 })),
      ...(engineEntry === undefined ? {} : { engine: engineEntry }),
      ...(adopted === undefined || goal.command !== 'install'
        ? {}
        : { adopted: { ...adopted, pending: false } }),
    });
    await this.#journal.close();
  }

  async #perform(action: Action): Promise<string> {
    const { host, prefix, releases, failedStart, emit } = this.#options;
    switch (action.kind) {
      case 'release.write':
        return await releases.write(action.release, (progress) => {
          emit({ kind: 'action.progress', action: outlineAction(action), ...progress });
        });
      case 'release.adopt':
        return await releases.adopt();
      case 'file.write':
        return await this.#changes.write(action);
      case 'file.remove':
        await this.#changes.remove(action);
        return '';
      case 'link.set': {
        const isSwitch = action.path === `${prefix}/current`;
        if (isSwitch) await this.#sandboxes.beforeSwitch(action.target);
        await this.#changes.setLink(action);
        if (isSwitch) await this.#sandboxes.afterSwitch();
        return '';
      }
      case 'link.remove':
        await host.files.remove(action.path);
        return '';
      case 'link.exchange':
        await this.#changes.exchange(action);
        return '';
      case 'former.remove':
        await host.files.removeTree(action.path);
        return '';
      case 'engine.restart':
        await this.checkEngine();
        await this.#engine.restart();
        await failedStart.clear();
        return '';
      case 'release.remove':
        await this.#dropRelease(action.release);
        return await releases.remove(action.release);
      case 'installation.remove':
        await removeInstallation(host, prefix, this.#record.now);
        this.#removed = true;
        return '';
    }
  }

  /** Called before the release is removed. */
  async #dropRelease(release: string): Promise<void> {
    const { sandboxes: ids, handlersByRelease } = this.#record.now;
    const { [release]: sandboxes, ...otherSandboxes } = ids;
    const { [release]: handlers, ...otherHandlers } = handlersByRelease;
    if (sandboxes === undefined && handlers === undefined) return;
    await this.#record.save({ sandboxes: otherSandboxes, handlersByRelease: otherHandlers });
  }

  async #undoAction(action: Action): Promise<void> {
    const { host, prefix, releases } = this.#options;
    switch (action.kind) {
      case 'release.write':
        if (!action.replaces && !(await this.#mayBeUsed())) await releases.remove(action.release);
        return;
      case 'release.adopt':
        await releases.remove(action.release);
        await host.files.removeDirectory(`${prefix}/releases`);
        return;
      case 'link.exchange':
        await this.#changes.exchangeBack(action.path);
        return;
      case 'file.write':
      case 'file.remove':
        await this.#changes.restoreFile(action, async (path) => await this.#mergeBack(path));
        return;
      case 'link.set':
      case 'link.remove':
        await this.#changes.restoreLink(action);
        return;
      case 'engine.restart':
      case 'release.remove':
      case 'former.remove':
      case 'installation.remove':
    }
  }

  /** Whether a pod that started after the switch runs from the new release, which then stays in the store. */
  async #mayBeUsed(): Promise<boolean> {
    const { prefix, facts, watch } = this.#options;
    const path: HostPath = `${prefix}/current`;
    if (!this.#done.some((action) => action.kind === 'link.set' && action.path === path)) return false;
    const { running } = await watch.look();
    return running.some(({ id }) => !facts.sandboxes.includes(id));
  }

  /** For a file that another program edited after us. */
  async #mergeBack(path: HostPath): ReturnType<MergeBack> {
    const edits = await this.#engine.planEditsBefore(this.#record.now);
    return edits.find((edit) => edit.path === path);
  }

  /** The last part of a rollback: restores record and journal. */
  async #restoreState(): Promise<void> {
    await this.#changes.removeMadeDirectories();
    if (!(await this.#record.restore())) return;
    // What was unfinished before, such as an earlier stage, stays unfinished.
    if (this.#options.facts.unfinished !== undefined)
      await this.#journal.amend(this.#journal.engine).catch(() => undefined);
    else await this.#journal.close();
  }
}

async function orGiveUp(cause: unknown, undo: () => Promise<void>): Promise<void> {
  try {
    await undo();
  } catch (error) {
    const both = [cause, error].map((each) => describeError(each).replaceAll('\n  ', ', ')).join('; then ');
    throw new KataError('KATA_INSTALLER_UNDO', 'the run failed, and so did its rollback', {
      exitCode: exitCodes.verification,
      hint: 'fix the cause and run it again: it resumes where it stopped',
      cause: new AggregateError([cause, error], both),
    });
  }
}
