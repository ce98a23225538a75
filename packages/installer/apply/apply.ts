/** Applies a plan, action by action, with a note in the journal and an entry in the record before each change. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { describeError, exitCodes, KataError } from '@kata/core';
import type { FileEdit } from '@kata/engines';
import type { Host, HostPath } from '@kata/host';
import { type Action, describeAction, type Plan, tidiesUp, isEngineEdit } from '../state/actions.ts';
import { changesEngine, type EngineNote, isLastChange, noteOfChange } from '../state/activation.ts';
import { engineFailure, type EngineOutcome } from '../engine/engine-failure.ts';
import { isFileChanged, type MergeBack, putBackText, replaceText } from '../engine/engine-files.ts';
import { exchangeBack, exchangeForLink } from '../adoption/exchange.ts';
import { makeInstallation, missingDirectories, removeInstallation } from '../state/appearance.ts';
import type { FailedStart } from './failed-start.ts';
import {
  type HandlerEntry,
  emptyRecord,
  forgetKeptRecord,
  keepRecord,
  type OwnershipRecord,
  putBackKeptRecord,
  writeRecord,
} from '../state/record.ts';
import { type Goal, Journal } from '../state/journal.ts';
import { judgeAction, needsLook, type Verdict } from '../plan/last-look.ts';
import { lostRecordNote } from '../facts/rebuild-record.ts';
import { podsStartedCode } from '../facts/sandbox-watch.ts';
import { sandboxNames, type SandboxView } from '../facts/sandboxes.ts';

export type InstallerEvent =
  | { readonly kind: 'action.started'; readonly action: Action; readonly step: number; readonly of: number }
  | { readonly kind: 'action.done'; readonly action: Action; readonly detail: string }
  /** A pod needs what would go; a later run does it. */
  | { readonly kind: 'action.skipped'; readonly action: Action }
  | { readonly kind: 'undo.started'; readonly reason: string }
  /** It does not answer; `active`: what systemd says of it. */
  | { readonly kind: 'engine.awaited'; readonly unit: string; readonly active: string }
  /** It was lost; see `rebuildRecord`. */
  | { readonly kind: 'record.rebuilt'; readonly prefix: HostPath; readonly current: string | null }
  | ({ readonly kind: 'release.progress' } & ReleaseProgress)
  | { readonly kind: 'files.compared'; readonly release: string; readonly done: number; readonly of: number };

export interface ReleaseProgress {
  readonly release: string;
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface ApplyContext {
  readonly host: Host;
  readonly prefix: HostPath;
  /** The record at the start of the run; undefined on a node that has nothing of ours. */
  readonly record: OwnershipRecord | undefined;
  /** What an earlier run left for the engine to load. */
  readonly engineNote: EngineNote;
  /** The engine's present start, asked for now; see `UnitState`. */
  readonly readInvocation: (when?: 'only while it runs') => Promise<string | undefined>;
  /** An earlier run was killed: even if everything is in place, it must be finished. */
  readonly isUnfinished: boolean;
  /** The record with which the run begins where an installation of another installer is adopted. */
  readonly begun: OwnershipRecord | undefined;
  readonly engineUnit: string;
  /** Files that others changed since the engine was started. */
  readonly unloaded: readonly string[];
  /** Handlers that the engine's files named before the run and that it served. */
  readonly handlersBefore: readonly HandlerEntry[];
  readonly goal: Goal;
  /** Handlers that shall be served when all is done; empty when removing. */
  readonly handlers: readonly HandlerEntry[];
  /** Those of them whose configuration belongs to the release that shall be in force. */
  readonly ownHandlers: readonly HandlerEntry[];
  /** Another stage finishes: until then the run counts as interrupted. */
  readonly endsOpen?: boolean;
  /** When aborted, the run ends after the action that goes on; the next run finishes it. */
  readonly signal?: AbortSignal | undefined;
  /** What the engine is told beside them, for the record; undefined when removing. */
  readonly engine?: OwnershipRecord['engine'];
  /** Names of the sandboxes that the plan was made for. */
  readonly planned: readonly string[];
  /** Looks at the sandboxes that run now. */
  readonly lookAtSandboxes: () => Promise<SandboxView>;
  readonly bootId: string;
  /** See `NodeFacts`. */
  readonly named: ReadonlySet<string>;
  /** Made by other installations on this node. */
  readonly directoriesOfOthers: () => Promise<readonly HostPath[]>;
  /** Unpacks a release into the store; resolves with what to tell the person. */
  readonly writeRelease: (release: string, components: readonly string[]) => Promise<string>;
  /** Makes a release of the tree of another installer. */
  readonly adoptRelease: () => Promise<string>;
  /** Resolves with what to tell the person. */
  readonly removeRelease: (release: string) => Promise<string>;
  /** Throws when the engine could not load its configuration as it is on disk. */
  readonly checkEngineConfig: (record: OwnershipRecord, done: readonly Action[]) => Promise<void>;
  /** What gives the engine's files as they are now just the handlers that they named before the run. */
  readonly planEditsBefore: (record: OwnershipRecord) => Promise<readonly FileEdit[]>;
  readonly failedStart: FailedStart;
  /** Restarts the engine, waits until it answers and serves exactly what it should. */
  readonly restartEngine: (handlers: readonly HandlerEntry[]) => Promise<void>;
  readonly emit: (event: InstallerEvent) => void;
}

/** @throws KataError `KATA_INSTALLER_STOPPED`, `KATA_INSTALLER_PODS_STARTED`, `KATA_INSTALLER_UNDO`, `KATA_INSTALLER_ENGINE`, and what a step throws. */
export async function applyPlan(plan: Plan, context: ApplyContext): Promise<void> {
  const run = new Run(context);
  if (plan.actions.length === 0) {
    if (context.isUnfinished && context.endsOpen !== true) await run.finish();
    return;
  }
  refuseWhenStopped(context.signal);
  await context.failedStart.refuse(plan);
  await run.prepare();
  for (const [step, action] of plan.actions.entries()) {
    refuseWhenStopped(context.signal);
    const verdict = await run.judge(action);
    if (verdict === 'stop') await run.undo(undefined, podsStarted());
    if (verdict === 'skip') {
      context.emit({ kind: 'action.skipped', action });
      continue;
    }
    context.emit({ kind: 'action.started', action, step, of: plan.actions.length });
    const isLast = isLastChange(plan.actions, step);
    const isCheckedLater = plan.actions[step + 1]?.kind === 'engine.restart';
    const perform = async (): Promise<string> => {
      const done = await run.perform(step, action, isLast);
      // Of a removal: while everything is still there.
      if (isLast && isEngineEdit(action) && !isCheckedLater) await run.checkEngine();
      return done;
    };
    const detail = await perform().catch(async (error: unknown) => {
      // What an earlier release leaves behind is no reason to give up the one that is in force now.
      const isUndone = plan.onFailure === 'undo' && !tidiesUp(action);
      const outcome = isUndone ? await run.undo(action, error).catch((undone: unknown) => undone) : error;
      if (run.failedRestart) await context.failedStart.note(plan, outcome);
      throw outcome;
    });
    context.emit({ kind: 'action.done', action, detail });
  }
  if ((await run.judge(undefined)) === 'stop') await run.undo(undefined, podsStarted());
  await run.end();
}

function podsStarted(): KataError {
  return new KataError(
    podsStartedCode,
    'a Kata pod started whose handler was about to be removed; everything was put back',
    { exitCode: exitCodes.temporary, hint: 'run it again' },
  );
}

function refuseWhenStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new KataError('KATA_INSTALLER_STOPPED', 'told to end before everything was done', {
    exitCode: exitCodes.terminated,
    hint: 'run it again: it goes on where it ended',
  });
}

/** Of the engine, by a run; `broken off`: it was stopped, and systemd did not start it, or does not say. */
type Restarts = 'none' | 'broken off' | 'failed' | 'done';

class Run {
  readonly #context: ApplyContext;
  readonly #journal: Journal;
  readonly #done: Action[] = [];
  /** Directories that this run made on the way to a file. */
  readonly #made: HostPath[] = [];
  #record: OwnershipRecord;
  /** Releases that pods may run from which began before: the one that this run leaves, and those that handlers named. */
  readonly #left: Set<string>;
  #removed = false;
  #restarts: Restarts = 'none';
  /** The start of the engine that ran before the first change that concerns it. */
  #startBefore: string | undefined;

  constructor(context: ApplyContext) {
    this.#context = context;
    this.#record = context.begun ?? context.record ?? emptyRecord;
    this.#left = new Set(context.named);
    this.#journal = new Journal(context.host, context.prefix, context.goal, context.engineNote);
  }

  /** The engine was restarted or at least stopped, and not for good. */
  get failedRestart(): boolean {
    return this.#restarts === 'failed' || this.#restarts === 'broken off';
  }

  async prepare(): Promise<void> {
    const { host, prefix, handlers } = this.#context;
    const begun = { ...this.#record, handlers: uniteHandlers(this.#record.handlers, handlers) };
    if (this.#context.record === undefined) {
      this.#record = await makeInstallation(host, prefix, begun);
      return;
    }
    await keepRecord(host, prefix);
    await this.#save(begun).catch(async (error: unknown) => {
      // What failed first is what to tell; what is left is swept away by the next run.
      await putBackKeptRecord(host, prefix).catch(() => undefined);
      throw error;
    });
  }

  /** `action`: the next one; undefined when all are done. */
  async judge(action: Action | undefined): Promise<Verdict> {
    if (this.#removed || (action !== undefined && !needsLook(action))) return 'go on';
    const { goal, handlers, planned, begun, bootId, named } = this.#context;
    return judgeAction(action, await this.#context.lookAtSandboxes(), {
      command: goal.command,
      done: this.#done,
      planned,
      before: (begun ?? emptyRecord).handlers,
      after: handlers,
      record: this.#record,
      bootId,
      named,
    });
  }

  /** @throws KataError when the engine could not load what is on disk */
  async checkEngine(): Promise<void> {
    await this.#context.checkEngineConfig(this.#record, this.#done);
  }

  /** `endsChanges`: nothing more changes for the engine before it is restarted. */
  async perform(step: number, action: Action, endsChanges: boolean): Promise<string> {
    const takesJournal = action.kind === 'installation.remove';
    const isChange = changesEngine(action);
    if (isChange) {
      this.#journal.engine = 'pending';
      this.#startBefore ??= await this.#context.readInvocation();
    }
    if (!takesJournal) await this.#journal.note(step, 'before', action);
    const detail = await this.#perform(action);
    this.#done.push(action);
    if (isChange && endsChanges) this.#journal.engine = await this.#changedNow();
    if (action.kind === 'engine.restart') this.#journal.engine = 'loaded';
    if (!takesJournal) await this.#journal.note(step, 'after', action);
    return detail;
  }

  async #changedNow(): Promise<EngineNote> {
    return noteOfChange({ invocationId: await this.#context.readInvocation() });
  }

  /** Puts back what this run changed, as far as it came, and fails with the reason. */
  async undo(failed: Action | undefined, cause: unknown): Promise<never> {
    const { emit } = this.#context;
    emit({ kind: 'undo.started', reason: cause instanceof Error ? cause.message : String(cause) });
    // A disk that is full has no room for the note; putting back needs none.
    if ([...this.#done, ...asList(failed)].some(changesEngine))
      await this.#journal.amend('pending').catch(() => undefined);
    await this.#orGiveUp(cause, async () => {
      // Also what failed: an error may come after the change, when only its durability is in doubt.
      for (const action of [...this.#done, ...asList(failed)].toReversed()) await this.#putBack(action);
    });
    const again = await this.#restartAsBefore(failed);
    await this.#orGiveUp(cause, async () => await this.#forget());
    throw again === undefined ? cause : engineFailure(again, this.#context, cause);
  }

  async #orGiveUp(cause: unknown, putBack: () => Promise<void>): Promise<void> {
    try {
      await putBack();
    } catch (error) {
      const both = `${inOneLine(cause)}; then ${inOneLine(error)}`;
      throw new KataError('KATA_INSTALLER_UNDO', 'the installation failed, and so did putting it back', {
        exitCode: exitCodes.verification,
        hint: 'mend the reason and run it again: the journal knows how far it came',
        cause: new AggregateError([cause, error], both),
      });
    }
  }

  /** When the engine may have loaded what is put back now; returns what to tell of it. */
  async #restartAsBefore(failed: Action | undefined): Promise<EngineOutcome | undefined> {
    const isItsFault = failed?.kind === 'engine.restart' && this.#restarts === 'failed';
    // Somebody else may have restarted it in between.
    const isAnother =
      this.#startBefore !== undefined && this.#startBefore !== (await this.#context.readInvocation());
    if (this.#restarts === 'none' && !isAnother) {
      this.#journal.engine = this.#context.engineNote;
      return undefined;
    }
    try {
      await this.#context.restartEngine(this.#context.handlersBefore);
      this.#journal.engine = 'loaded';
      return isItsFault ? { isItsFault, state: 'as before' } : undefined;
    } catch (error) {
      const { readInvocation } = this.#context;
      const isRunning = (await readInvocation('only while it runs').catch(() => undefined)) !== undefined;
      return { isItsFault, state: isRunning ? 'runs otherwise' : 'down', error: inOneLine(error) };
    }
  }

  /** All actions are done. */
  async end(): Promise<void> {
    if (this.#removed) return;
    await forgetKeptRecord(this.#context.host, this.#context.prefix);
    if (this.#context.endsOpen !== true) await this.finish();
  }

  async finish(): Promise<void> {
    await this.#noteSandboxes();
    const { handlers, ownHandlers, engine, goal } = this.#context;
    const { current, handlersByRelease, files, adopted } = this.#record;
    await this.#save({
      handlers: [...handlers],
      handlersByRelease:
        current === null ? handlersByRelease : { ...handlersByRelease, [current]: [...ownHandlers] },
      files: files.map(({ path, original, leftSha256 }) => ({ path, original, leftSha256 })),
      ...(engine === undefined ? {} : { engine }),
      ...(adopted === undefined || goal.command !== 'install'
        ? {}
        : { adopted: { ...adopted, pending: false } }),
    });
    await this.#journal.close();
  }

  async #perform(action: Action): Promise<string> {
    const { host, prefix } = this.#context;
    switch (action.kind) {
      case 'release.write':
        return await this.#context.writeRelease(action.release, action.components);
      case 'release.adopt':
        return await this.#context.adoptRelease();
      case 'file.write':
        return await this.#writeFile(action);
      case 'file.remove':
        if (action.area === 'engine') await replaceText(host.files, action.path, action.before, undefined);
        else await host.files.remove(action.path);
        await this.#save({ files: this.#record.files.filter((file) => file.path !== action.path) });
        return '';
      case 'link.set':
        if (action.path === `${prefix}/current`) await this.#noteSwitch(action.target);
        await this.#makeParent(action.path);
        await host.files.setLink(action.path, action.target);
        // One that was just being started may be seen only now.
        if (action.path === `${prefix}/current`) await this.#noteSandboxes();
        return '';
      case 'link.remove':
        await host.files.remove(action.path);
        return '';
      case 'link.exchange':
        await exchangeForLink(host.files, action.path, action.target);
        return '';
      case 'former.remove':
        await host.files.removeTree(action.path);
        return '';
      case 'engine.restart':
        await this.checkEngine();
        await this.#restart();
        return '';
      case 'release.remove':
        await this.#forgetRelease(action.release);
        return await this.#context.removeRelease(action.release);
      case 'installation.remove':
        await removeInstallation(host, prefix, this.#record);
        this.#removed = true;
        return '';
    }
  }

  async #restart(): Promise<void> {
    const { handlers, failedStart, readInvocation, restartEngine } = this.#context;
    const before = await readInvocation();
    try {
      await restartEngine(handlers);
    } catch (error) {
      this.#restarts = await this.#restartsSince(before);
      throw error;
    }
    this.#restarts = 'done';
    await failedStart.forget();
  }

  /** Where systemd refused the restart or gave it up, the engine was not started, so what was changed is not to blame. */
  async #restartsSince(before: string | undefined): Promise<Restarts> {
    const { readInvocation } = this.#context;
    try {
      if ((await readInvocation()) !== before) return 'failed';
      return (await readInvocation('only while it runs')) === undefined ? 'broken off' : this.#restarts;
    } catch (error) {
      // What failed first is what to tell.
      if (error instanceof KataError) return 'broken off';
      throw error;
    }
  }

  async #writeFile(action: Extract<Action, { kind: 'file.write' }>): Promise<string> {
    const { host, prefix } = this.#context;
    const content = Buffer.from(action.after);
    const made = await this.#missingParents(action.path);
    const known = this.#record.files;
    if (action.area === 'engine') {
      const shared = await this.#context.directoriesOfOthers();
      const outside = [...shared, ...made].filter(
        (path) => isBelow(action.path, path) && !isBelow(path, prefix) && !isBelow(prefix, path),
      );
      // Saved before the edit: neither the original nor the knowledge of what we leave may be lost.
      await this.#save({
        directories: [...new Set([...this.#record.directories, ...outside])],
        files: [
          ...this.#record.files.filter((file) => file.path !== action.path),
          {
            path: action.path,
            original: action.original ?? null,
            leftSha256: digestOf(content),
            ...this.#replaced(action),
          },
        ],
      });
    }
    await host.files.makeDirectory(posix.dirname(action.path) as HostPath);
    if (action.area === 'engine') {
      await replaceText(host.files, action.path, action.before, action.after).catch(
        async (error: unknown) => {
          // What the record says of it must be true of what is there.
          if (isFileChanged(error)) await this.#save({ files: known });
          throw error;
        },
      );
    } else {
      await host.files.write(action.path, content, action.mode === undefined ? {} : { mode: action.mode });
    }
    return `${content.length} bytes`;
  }

  /** Only of a text that was ours. */
  #replaced({ path, before }: Extract<Action, { kind: 'file.write' }>): { replacedSha256?: string } {
    const left = this.#record.files.find((file) => file.path === path)?.leftSha256;
    const isOurs = before !== undefined && left === digestOf(Buffer.from(before));
    return isOurs ? { replacedSha256: left } : {};
  }

  /** They go again when the run is undone. */
  async #missingParents(path: HostPath): Promise<readonly HostPath[]> {
    const made = await missingDirectories(this.#context.host, posix.dirname(path) as HostPath);
    this.#made.push(...made);
    return made;
  }

  async #makeParent(path: HostPath): Promise<void> {
    const made = await this.#missingParents(path);
    if (made.length > 0) await this.#context.host.files.makeDirectory(posix.dirname(path) as HostPath);
  }

  /** Before it goes: who needed it and what it served is of no more use. */
  async #forgetRelease(release: string): Promise<void> {
    const { [release]: sandboxes, ...otherSandboxes } = this.#record.sandboxes;
    const { [release]: handlers, ...otherHandlers } = this.#record.handlersByRelease;
    if (sandboxes === undefined && handlers === undefined) return;
    await this.#save({ sandboxes: otherSandboxes, handlersByRelease: otherHandlers });
  }

  /** Which sandboxes may go on using the release that stops being the current one. */
  async #noteSwitch(target: string): Promise<void> {
    const next = posix.basename(target);
    const { current } = this.#record;
    if (current === next) return;
    const { bootId, lookAtSandboxes } = this.#context;
    const sandboxes = { ...this.#record.sandboxes };
    if (current !== null) {
      sandboxes[current] = { bootId, ids: [...sandboxNames(await lookAtSandboxes())] };
      this.#left.add(current);
    }
    await this.#save({ current: next, previous: current, sandboxes });
  }

  /** Of the releases that this run left; one of which nothing is known stays for any. */
  async #noteSandboxes(): Promise<void> {
    const { bootId, lookAtSandboxes, planned } = this.#context;
    const { current, sandboxes: before } = this.#record;
    const left = [...this.#left].filter((id) => id !== current && before[id] !== undefined);
    if (left.length === 0) return;
    // Those, too, that the plan was made for: what it keeps for them the closing look must keep.
    const names = [...new Set([...planned, ...sandboxNames(await lookAtSandboxes())])];
    const sandboxes = { ...before };
    for (const id of left) {
      const known = before[id]?.bootId === bootId ? before[id].ids : [];
      const news = names.filter((name) => !known.includes(name));
      if (news.length > 0) sandboxes[id] = { bootId, ids: [...known, ...news].toSorted() };
    }
    if (left.some((id) => sandboxes[id] !== before[id])) await this.#save({ sandboxes });
  }

  async #putBack(action: Action): Promise<void> {
    const { files } = this.#context.host;
    switch (action.kind) {
      case 'release.write':
        if (!action.replaces && !(await this.#mayBeUsed())) await this.#context.removeRelease(action.release);
        return;
      case 'release.adopt':
        await this.#context.removeRelease(action.release);
        await files.removeDirectory(`${this.#context.prefix}/releases`);
        return;
      case 'link.exchange':
        await exchangeBack(files, action.path);
        return;
      case 'file.write':
      case 'file.remove':
        if (action.area === 'engine')
          await putBackText(files, action, async (path) => await this.#mergeBack(path));
        else if (action.before === undefined) await files.remove(action.path);
        else await files.write(action.path, Buffer.from(action.before));
        return;
      case 'link.set':
      case 'link.remove':
        if (action.before === undefined) await files.remove(action.path);
        else await files.setLink(action.path, action.before);
        return;
      case 'engine.restart':
      case 'release.remove':
      case 'former.remove':
      case 'installation.remove':
    }
  }

  /** A pod that started after the switch runs from the new release, which stays in the store for it. */
  async #mayBeUsed(): Promise<boolean> {
    const { prefix, planned, lookAtSandboxes } = this.#context;
    const path: HostPath = `${prefix}/current`;
    if (!this.#done.some((action) => action.kind === 'link.set' && action.path === path)) return false;
    const { running } = await lookAtSandboxes();
    return running.some(({ id }) => !planned.includes(id));
  }

  /** Somebody edited a file after us. */
  async #mergeBack(path: HostPath): ReturnType<MergeBack> {
    const edits = await this.#context.planEditsBefore(this.#record);
    return edits.find((edit) => edit.path === path);
  }

  /** After everything is put back: the state is as before, too. */
  async #forget(): Promise<void> {
    const { host, prefix, record, isUnfinished } = this.#context;
    for (const path of this.#made.toReversed()) await host.files.removeDirectory(path);
    if (record === undefined) {
      await removeInstallation(host, prefix, this.#record, 'keep releases');
      return;
    }
    await putBackKeptRecord(host, prefix);
    // What was open before, such as an earlier stage, still has to be finished.
    if (isUnfinished) await this.#journal.amend(this.#journal.engine).catch(() => undefined);
    else await this.#journal.close();
  }

  async #save(change: Partial<OwnershipRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await writeRecord(this.#context.host, this.#context.prefix, this.#record);
  }
}

function asList(action: Action | undefined): readonly Action[] {
  return action === undefined ? [] : [action];
}

function inOneLine(error: unknown): string {
  return describeError(error).replaceAll('\n  ', ', ');
}

function isBelow(path: HostPath, directory: HostPath): boolean {
  return path.startsWith(`${directory}/`);
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function uniteHandlers(
  known: readonly HandlerEntry[],
  wanted: readonly HandlerEntry[],
): OwnershipRecord['handlers'] {
  const names = new Set(wanted.map((handler) => handler.name));
  return [...wanted, ...known.filter((handler) => !names.has(handler.name))];
}

/** For a person who watches. */
export function describeProgress(event: InstallerEvent): string {
  switch (event.kind) {
    case 'action.started':
      return `${describeAction(event.action)} …`;
    case 'action.done':
      return `${describeAction(event.action)}${event.detail === '' ? '' : `: ${event.detail}`}`;
    case 'engine.awaited':
      return `waiting for ${event.unit}, which systemd calls ${event.active} …`;
    case 'action.skipped':
      return `left for a later run, because Kata pods are running: ${describeAction(event.action)}`;
    case 'record.rebuilt':
      return `${event.prefix}: ${lostRecordNote(event.current)}`;
    case 'undo.started':
      return `putting everything back: ${event.reason}`;
    case 'release.progress': {
      const { files, filesTotal, bytes, bytesTotal } = event;
      return `release ${event.release}: ${files} of ${filesTotal} files, ${megabytes(bytes)} of ${megabytes(bytesTotal)} MB written`;
    }
    case 'files.compared':
      return `release ${event.release}: ${event.done} of ${event.of} files compared`;
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
