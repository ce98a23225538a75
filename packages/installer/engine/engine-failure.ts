/** What became of the engine when a run was undone, in words for somebody who is woken by it. Pure. */
import { exitCodes, KataError } from '@kata/core';

export interface EngineOutcome {
  /** Its start with what this run had written failed; otherwise something after that. */
  readonly isItsFault: boolean;
  /** After everything was put back and it was started again. */
  readonly state: 'as before' | 'runs otherwise' | 'down';
  /** Why it is not as before. */
  readonly error?: string;
}

interface Blamed {
  readonly engineUnit: string;
  /** Files that others changed, and that the engine was started with for the first time. */
  readonly unloaded: readonly string[];
}

export function engineFailure(
  outcome: EngineOutcome,
  { engineUnit: unit, unloaded }: Blamed,
  cause: unknown,
): KataError {
  const { isItsFault, state, error = '' } = outcome;
  const what = isItsFault ? 'the engine did not accept the change' : 'the run failed';
  const journal = `journalctl --unit ${unit}`;
  const others =
    unloaded.length === 0 ? '' : `; it was also started with what others changed: ${unloaded.join(', ')}`;
  const states = {
    'as before': {
      message: 'the engine runs with its previous configuration',
      hint: `see: ${journal}; nothing of this run is in force`,
    },
    'runs otherwise': {
      message: `everything was put back and the engine runs, but not as before: ${error}${others}`,
      hint: 'compare: kata-deploy verify; nothing of this run is in force',
    },
    down: {
      message: `the engine did not come back either: ${error}${others}`,
      hint: `see: ${journal}; its files are as before this run, so start it when the reason is mended: systemctl start ${unit}`,
    },
  };
  const { message, hint } = states[state];
  return new KataError('KATA_INSTALLER_ENGINE', `${what}; ${message}`, {
    exitCode: exitCodes.verification,
    hint,
    cause,
  });
}
