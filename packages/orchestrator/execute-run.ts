/** Carries out a recorded plan in one process; a run that was interrupted goes on where it stopped. */
import { isUnprepared } from './is-unprepared.ts';
import type { Outcome, ReleaseControl, RunStages } from './run-stages.ts';

export async function executeRun(stages: RunStages, control: ReleaseControl): Promise<Outcome> {
  await stages.upgrade(control);
  await using watch = stages.openWatch();
  try {
    await stages.prepare(watch);
  } catch (error) {
    if (!isUnprepared(error)) throw error;
    // No node was changed, so the run has ended.
    await stages.giveUp(control);
    throw error;
  }
  let driver = stages.openDriver(watch);
  let end = await driver.drive(stages.isPayloadBack);
  const isGood = end.kind === 'end' && end.outcome === 'succeeded';
  if (isGood && (await stages.join(watch)).length > 0) {
    driver = stages.openDriver(watch);
    end = await driver.drive(false);
  }
  if (end.kind === 'roll-back-helm') {
    await stages.restore(control);
    end = await driver.drive(true);
  }
  if (end.kind !== 'end') throw new TypeError('a run needs Helm twice');
  await stages.end(end.outcome, watch);
  return end.outcome;
}
