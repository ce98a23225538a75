/** The parts of a plan that run one after the other in containers of a Job. Pure. */
import { exitCodes, KataError } from '@kata/core';
import { type Action, type Plan, isCleanup } from '../state/actions.ts';

export type InstallStage = 'artifacts' | 'cri';
export type RemovalStage = 'revert-cri' | 'remove-artifacts';

/**
 * In the order of the plan: all before the first action that concerns the engine, and the rest. `hasRunFirst`: the first
 * stage has run; the plan is another since then when pods started or ended, and what it needs for that is done, too.
 */
export function installStage(plan: Plan, stage: InstallStage, hasRunFirst: boolean): Plan {
  const { actions } = plan;
  const first = actions.findIndex((action) => isOfEngine(action) || isCleanup(action));
  const cut = first === -1 ? actions.length : first;
  if (stage === 'artifacts') return { ...plan, actions: actions.slice(0, cut) };
  if (cut > 0 && !hasRunFirst) throw tooEarly('the files are not in place', 'install-stage-artifacts');
  return plan;
}

export function removalStage<P extends Plan>(plan: P, stage: RemovalStage): P {
  const ofEngine = plan.actions.filter(isOfEngine);
  if (stage === 'revert-cri') return { ...plan, actions: ofEngine };
  if (ofEngine.length > 0)
    throw tooEarly('the engine still uses what is installed', 'cleanup-stage-revert-cri');
  return plan;
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
