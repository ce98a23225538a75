/** Where the events of a command go: to standard error, as `--progress` asks. */
import { systemClock } from '@kata/core';
import type { InstallerEvent } from '@kata/installer';
import type { Emit } from '@kata/report';
import type { DeployConfig } from './deploy-config.ts';

export async function openEmitter({
  progress,
  nodeName,
}: Pick<DeployConfig, 'progress' | 'nodeName'>): Promise<Emit<InstallerEvent>> {
  const { createEmitter, openReporter } = await import('@kata/report');
  const { asProgress } = await import('@kata/installer');
  const reporter = openReporter(progress, { stream: process.stderr, clock: systemClock, asProgress });
  return createEmitter(reporter, { ...systemClock, node: nodeName });
}
