/** The last look of a run: a second plan must be empty. */
import { exitCodes, KataError } from '@kata/core';
import { fileChangedError } from '@kata/host';
import { describeAction, type Plan, isEngineEdit } from '../state/actions.ts';

/** Of a run after which somebody else put a file back. */
export const revertedCode = 'KATA_ENGINE_FILE_PUT_BACK';

/** @throws KataError `KATA_HOST_FILE_CHANGED` where somebody edited a file after us: then it has to be planned anew. */
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
    `everything was done, and yet something is left to do: ${still.join('; ')}`,
    {
      exitCode: exitCodes.verification,
      hint: 'run it again; when it ends like this once more, something else changes the node: compare with kata-deploy plan',
      details: { left: still },
    },
  );
}

/** A third time would be a fight that restarts the engine at each blow. */
function revertedByOthers(path: string): KataError {
  return new KataError(revertedCode, `something else put ${path} back as it was, right after it was edited`, {
    exitCode: exitCodes.verification,
    hint: `find out what writes ${path} (a configuration management?), have it keep what kata-deploy adds, and run this again`,
    details: { path },
  });
}
