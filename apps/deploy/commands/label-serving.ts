/** Says on the node object which release serves which handlers. */
import type { Installed } from '@kata/installer';
import { labelNode } from './label-node.ts';
import type { Session } from './session.ts';

export async function labelServing(
  { config, host }: Session,
  { handlers, dropped, version, release }: Installed,
  reason: 'Installed' | 'RolledBack',
): Promise<void> {
  const { servingMetadata } = await import('@kata/installer');
  const time = host.now().toISOString();
  const status = { phase: 'installed', version, release, reason, time } as const;
  await labelNode(config, servingMetadata(config.settings.suffix, handlers, dropped, status));
}
