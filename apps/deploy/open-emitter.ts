/** Where the events of a command go: to standard error, as `--progress` asks. */
import type { InstallerEvent } from '@kata/installer';
import type { Emit } from '@kata/report';
import type { DeployConfig } from './deploy-config.ts';

export async function openEmitter(
  { progress, nodeName }: Pick<DeployConfig, 'progress' | 'nodeName'>,
  now: () => Date,
): Promise<Emit<InstallerEvent>> {
  const { createEmitter, openReporter } = await import('@kata/report');
  const { asProgress } = await import('@kata/installer');
  const reporter = openReporter(progress, { stream: process.stderr, now, asProgress });
  return createEmitter(reporter, { now, node: nodeName });
}
