/** The final check of a run: a second plan must be empty. */
import { exitCodes, KataError } from '@kata/core';
import { fileChangedError } from '@kata/host';
import { describeAction, type Plan, isEngineEdit } from '../state/actions.ts';

/** Code of a run after which another program restored a file. */
export const revertedCode = 'KATA_ENGINE_FILE_PUT_BACK';

/** @throws KataError `KATA_HOST_FILE_CHANGED` when another program edited a file after us, which needs a new plan. */
export function checkConverged(left: Plan, done: Plan): void {
  if (left.actions.length === 0) return;
  for (const { path, before } of left.actions.filter(isEngineEdit)) {
    const ours = done.actions.filter(isEngineEdit).findLast((edit) => edit.path === path);
    if (ours !== undefined && before === ours.before) throw revertedByOthers(path);
    if (ours === undefined || before !== ours.after) throw fileChangedError(path);
  }
  const still = left.actions.map(describeAction);
  throw new KataError(
    'KATA_INSTALLER_VERIFY',
    `the node differs from the plan after apply; still to do: ${still.join('; ')}`,
    {
      exitCode: exitCodes.verification,
      hint: 'run this again; if it fails again, another program changes the node: to see what differs, run: kata-deploy plan',
      details: { left: still },
    },
  );
}

/** Not tried again: each attempt would restart the engine. */
function revertedByOthers(path: string): KataError {
  return new KataError(revertedCode, `another program reverted ${path} right after kata-deploy edited it`, {
    exitCode: exitCodes.verification,
    hint: `find out what writes ${path} (configuration management?), make it keep the lines of kata-deploy, and run this again`,
    details: { path },
  });
}
