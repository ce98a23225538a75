/** Carries out a recorded plan in one process; a run that was interrupted goes on where it stopped. */
import { KataError } from '@kata/core';
import type { Outcome, ReleaseControl, RunStages } from './run-stages.ts';

/** No node was changed, so the run has ended. */
const unprepared: readonly string[] = [
  'KATA_LIFECYCLE_NOT_PREPARED',
  'KATA_LIFECYCLE_POD_REFUSED',
  'KATA_LIFECYCLE_NO_ROOM',
  'KATA_ROLLOUT_POD_INVALID',
];

export async function executeRun(stages: RunStages, control: ReleaseControl): Promise<Outcome> {
  await stages.upgrade(control);
  await using watch = stages.openWatch();
  try {
    await stages.prepare(watch);
  } catch (error) {
    if (!(error instanceof KataError) || !unprepared.includes(error.code)) throw error;
    await stages.giveUp(control);
    throw error;
  }
  const driver = stages.openDriver(watch);
  let end = await driver.drive(stages.isPayloadBack);
  if (end.kind === 'roll-back-helm') {
    await stages.restore(control);
    end = await driver.drive(true);
  }
  if (end.kind !== 'end') throw new TypeError('a run needs Helm twice');
  await stages.end(end.outcome, watch);
  return end.outcome;
}
