/** Splits a plan into stages, which a Job runs one after the other in its containers. Pure. */
import { exitCodes, KataError } from '@kata/core';
import { type Action, type Plan, isCleanup } from '../state/actions.ts';
import type { RemovalPlan } from './plan-removal.ts';

export type InstallStage = 'artifacts' | 'cri';
export type RemovalStage = 'revert-cri' | 'remove-artifacts';

/**
 * The first stage ends before the first action on the engine; the second has the rest. `hasRunFirst`: the first stage has
 * run; when pods started or ended since then, the second stage also does what the new plan needs in addition.
 */
export function installStage(plan: Plan, stage: InstallStage, hasRunFirst: boolean): Plan {
  const { actions } = plan;
  const first = actions.findIndex((action) => isOfEngine(action) || isCleanup(action));
  const cut = first === -1 ? actions.length : first;
  if (stage === 'artifacts') return { ...plan, actions: actions.slice(0, cut) };
  if (cut > 0 && !hasRunFirst)
    throw tooEarly('the files of the release are not installed yet', 'install-stage-artifacts');
  return plan;
}

export function removalStage(plan: RemovalPlan, stage: RemovalStage): RemovalPlan {
  const { actions, later } = plan;
  const ofEngine = actions.filter(isOfEngine);
  if (stage === 'revert-cri') return { ...plan, actions: ofEngine, later: later.filter(isOfEngine) };
  if (ofEngine.length > 0)
    throw tooEarly('the container runtime still uses the installation', 'cleanup-stage-revert-cri');
  return { ...plan, later: later.filter((action) => !isOfEngine(action)) };
}

function isOfEngine(action: Action): boolean {
  switch (action.kind) {
    case 'file.write':
    case 'file.remove':
      return action.area === 'engine';
    case 'engine.restart':
      return true;
    case 'release.write':
    case 'release.adopt':
    case 'link.exchange':
    case 'former.remove':
    case 'link.set':
    case 'link.remove':
    case 'release.remove':
    case 'installation.remove':
      return false;
  }
}

function tooEarly(message: string, command: string): KataError {
  return new KataError('KATA_INSTALLER_STAGE', message, {
    exitCode: exitCodes.precondition,
    hint: `run first: kata-deploy ${command}`,
  });
}
