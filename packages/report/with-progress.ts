/** Shows tasks on standard error while work is running: standard output is for results. */
import { systemClock } from '@kata/core';
import { createEmitter } from './event.ts';
import { openReporter, type ProgressMode } from './open-reporter.ts';
import { Progress, type ProgressEvent } from './progress.ts';

export async function withProgress<T>(
  work: (progress: Progress) => Promise<T>,
  mode: ProgressMode = 'auto',
): Promise<T> {
  const reporter = openReporter<ProgressEvent>(mode, {
    stream: process.stderr,
    clock: systemClock,
    asProgress: (event) => event,
  });
  return await work(new Progress(createEmitter(reporter, systemClock)));
}
