import type { Recovery } from '@kata/installer';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { outputOption } from './print-plan.ts';
import { openSession } from './session.ts';

export function recoverCommand(): Command {
  const command = new Command('recover')
    .description('rebuild a lost or damaged ownership record or journal; changes nothing else')
    .addOption(outputOption())
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const { underLock } = await import('@kata/node-agent/machine');
      const recovery = await underLock(session, 'recover', async () => await session.installation.recover());
      session.report.result(formatRecovery(recovery), recovery);
    });
  return withHelp(command, {
    exits: { 3: 'the owner of a file cannot be determined, or a newer version wrote the record' },
    examples: ['kata-deploy recover', 'kata-deploy recover && kata-deploy plan'],
  });
}

function formatRecovery({ record, isRebuilt, aside }: Recovery): string {
  const moved = aside.map((path) => `Kept for reference: ${path}`);
  if (record === undefined) return [...moved, 'Nothing of this installer is on this node.'].join('\n');
  if (!isRebuilt && aside.length === 0) return 'The ownership record and the journal are sound.';
  const { current, previous, handlers } = record;
  return [
    ...moved,
    isRebuilt ? 'The ownership record is rebuilt:' : 'The ownership record is sound:',
    `  release      ${current ?? 'none'}`,
    `  rollback to  ${previous ?? 'none'}`,
    `  handlers     ${handlers.map(({ name }) => name).join(', ') || 'none'}`,
    ...(isRebuilt
      ? [
          `  hold         unknown; if the node was held: kata-deploy rollback --to ${current ?? 'RELEASE'} --hold`,
        ]
      : []),
    'Next: kata-deploy install --once, or kata-deploy cleanup to remove it.',
  ].join('\n');
}
