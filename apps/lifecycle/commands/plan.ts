/** `kata-lifecycle plan`: what an upgrade would do; nothing is changed. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { addChartOptions, readChartOptions } from '../chart-options.ts';
import { addRunOptions, readRunOptions } from '../run-options.ts';
import { openSession } from '../session.ts';

export function planCommand(): Command {
  const command = new Command('plan')
    .description('show what an upgrade would do, and check what it needs; nothing is changed')
    .action(async (_options: object, self: Command) => {
      const { formatUpgradePreview, parseParameters, previewUpgrade, upgradePreviewData } =
        await import('@kata/orchestrator');
      const order = { ...parseParameters(await readRunOptions(self)), ...readChartOptions(self) };
      const session = await openSession(self);
      const preview = await previewUpgrade(session, order);
      session.result(formatUpgradePreview(preview, session), upgradePreviewData(preview));
    });
  return withHelp(addChartOptions(addRunOptions(command)), {
    exits: {
      3: 'the upgrade would be refused: the message names what refuses it, such as a quota or a pinned image',
    },
    examples: [
      'kata-lifecycle plan --to 3.25.0 --verification-pod pod.yaml',
      'kata-lifecycle plan --to 3.25.0 --verification-pod pod.yaml --node-selector pool=kata --batch-size 2',
      'kata-lifecycle plan --to 3.25.0 --verification-pod pod.yaml --output json',
    ],
  });
}
