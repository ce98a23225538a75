/** The error of a run that was rolled back, with the resulting state of the engine. Pure. */
import { exitCodes, KataError } from '@kata/core';

export interface EngineOutcome {
  /** Whether its start with the changes of this run failed; otherwise something else did. */
  readonly isItsFault: boolean;
  /** After the rollback and another start. */
  readonly state: 'as before' | 'runs otherwise' | 'down';
  /** Why it is not as before. */
  readonly error?: string;
}

interface Blamed {
  readonly engineUnit: string;
  /** Files that others changed, and that the engine loaded for the first time. */
  readonly unloaded: readonly string[];
}

export function engineFailure(
  outcome: EngineOutcome,
  { engineUnit: unit, unloaded }: Blamed,
  cause: unknown,
): KataError {
  const { isItsFault, state, error = '' } = outcome;
  const what = isItsFault ? 'the container runtime failed with the new configuration' : 'the run failed';
  const journal = `journalctl --unit ${unit}`;
  const others =
    unloaded.length === 0
      ? ''
      : `; it was also started with files that others changed: ${unloaded.join(', ')}`;
  const states = {
    'as before': {
      message: `${isItsFault ? 'it' : 'the container runtime'} runs again with its previous configuration`,
      hint: `all changes were rolled back; to see why, run: ${journal}`,
    },
    'runs otherwise': {
      message: `all changes were rolled back and the container runtime is running, but not as before: ${error}${others}`,
      hint: 'to see what differs, run: kata-deploy verify',
    },
    down: {
      message: `all changes were rolled back, but ${isItsFault ? 'it' : 'the container runtime'} did not start again: ${error}${others}`,
      hint: `to see why, run: ${journal}; its files are as before this run: fix the cause, then run: systemctl start ${unit}`,
    },
  };
  const { message, hint } = states[state];
  return new KataError('KATA_INSTALLER_ENGINE', `${what}; ${message}`, {
    exitCode: exitCodes.verification,
    hint,
    cause,
  });
}
