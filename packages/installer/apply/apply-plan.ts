/**
 * Applies a plan, action by action, with a note in the journal and an entry in the record before each change.
 *
 * Room `apply`: performs a plan, rolls it back when it fails, and records starts of the engine that failed. It imports every
 * room above. Note, change, note is the order that crash tests rely on: a step that changes two things must be two actions.
 */
import { exitCodes, KataError } from '@kata/core';
import { messageOf } from '@kata/report';
import { podsStartedCode } from '../facts/sandbox-watch.ts';
import { isEngineEdit, type Plan, isCleanup } from '../state/actions.ts';
import { isLastChange } from '../state/activation.ts';
import { outlineAction } from './events.ts';
import { Run, type RunOptions } from './run.ts';

export interface Applied {
  /** kubelet may overwrite labels of the node until it is up. */
  readonly restartedKubelet: boolean;
}

/** @throws KataError `KATA_INSTALLER_STOPPED`, `KATA_INSTALLER_PODS_STARTED`, `KATA_INSTALLER_UNDO`, `KATA_INSTALLER_ENGINE`, and what a step throws. */
export async function applyPlan(plan: Plan, options: RunOptions): Promise<Applied> {
  const { signal, emit, failedStart } = options;
  const run = new Run(options);
  if (plan.actions.length === 0) {
    if (options.facts.unfinished !== undefined && options.leaveJournalOpen !== true) await run.finish();
    return { restartedKubelet: run.restartedKubelet };
  }
  refuseWhenStopped(signal);
  await failedStart.refuse(plan);
  await run.begin();
  for (const [step, action] of plan.actions.entries()) {
    const outline = outlineAction(action);
    refuseWhenStopped(signal);
    const verdict = await run.judge(action);
    if (verdict === 'stop') await run.undo(undefined, podsStarted());
    if (verdict === 'skip') {
      emit({ kind: 'action.skipped', action: outline });
      continue;
    }
    emit({ kind: 'action.started', action: outline, step: step + 1, of: plan.actions.length });
    const detail = await perform(run, plan, step).catch(async (error: unknown) => {
      emit({ kind: 'action.failed', action: outline, error: messageOf(error) });
      // A failed cleanup of an earlier release is no reason to roll back the active one.
      const isUndone = plan.onFailure === 'undo' && !isCleanup(action);
      const outcome = isUndone ? await run.undo(action, error).catch((undone: unknown) => undone) : error;
      if (run.failedRestart) await failedStart.note(plan, outcome);
      throw outcome;
    });
    emit({ kind: 'action.done', action: outline, detail });
  }
  if ((await run.judge(undefined)) === 'stop') await run.undo(undefined, podsStarted());
  await run.end();
  return { restartedKubelet: run.restartedKubelet };
}

async function perform(run: Run, { actions }: Plan, step: number): Promise<string> {
  const action = actions[step];
  if (action === undefined) throw new RangeError(`the plan has no step ${step}`);
  const isLast = isLastChange(actions, step);
  const isCheckedLater = actions[step + 1]?.kind === 'engine.restart';
  const done = await run.perform(step, action, isLast);
  // In a removal: before the files of the installation are deleted.
  if (isLast && isEngineEdit(action) && !isCheckedLater) await run.checkEngine();
  return done;
}

function podsStarted(): KataError {
  return new KataError(
    podsStartedCode,
    'a Kata pod started whose handler was about to be removed; all changes were rolled back',
    { exitCode: exitCodes.temporary, hint: 'run it again' },
  );
}

function refuseWhenStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new KataError('KATA_INSTALLER_STOPPED', 'terminated (SIGTERM) before everything was done', {
    exitCode: exitCodes.terminated,
    hint: 'run it again: it resumes where it stopped',
  });
}
