/** The steps that start a run. */
import { type Command, Option } from 'commander';
import { addChartOptions, readChartOptions } from '../../chart-options.ts';
import { openSession } from '../../session.ts';
import { addWorkflowOptions, readWorkflowOptions, rollbackParameters } from '../../workflow-options.ts';
import { step, type StepOptions, writeOutputs } from './step.ts';

export function planStep(): Command {
  const command = step('plan', 'plan the run, or go on with an interrupted one; writes work, run and waves')
    .requiredOption('--outputs <folder>', 'where the files are written; work: whether there is a run')
    .addOption(
      new Option('--nodes <how-many>', 'one: refuse an empty --node-name')
        .choices(['all', 'one'])
        .default('all'),
    )
    .action(async ({ workflow, outputs, nodes }: StepOptions, self: Command) => {
      const { formatRunReference, parseParameters, requireNodeName, stepPlan } =
        await import('@kata/orchestrator');
      const given = readWorkflowOptions(self);
      if (nodes === 'one') requireNodeName(given);
      const order = { ...parseParameters(given), ...readChartOptions(self), workflow };
      const session = await openSession(self);
      const { plan, isOpen, waves } = await stepPlan(session, order);
      const run = formatRunReference({ release: session.installation, run: plan.id });
      await writeOutputs(outputs, { work: String(isOpen), run, waves: JSON.stringify(waves) });
    });
  return addChartOptions(addWorkflowOptions(command));
}

export function rollbackStep(): Command {
  const command = step(
    'rollback',
    'return one node to the release before its last run, and verify it there',
  ).action(async ({ workflow }: StepOptions, self: Command) => {
    const { exitOf, formatRollback, parseNodeParameters, requireNodeName, rollBackNodes } =
      await import('@kata/orchestrator');
    const given = readWorkflowOptions(self);
    const node = requireNodeName(given);
    const { helm } = readChartOptions(self);
    const order = { ...parseNodeParameters(given), helm, workflow, nodes: [node], isForced: false };
    const session = await openSession(self);
    const result = await rollBackNodes(session, order);
    session.result(formatRollback(result), result);
    process.exitCode = exitOf(result.outcome);
  });
  return addChartOptions(addWorkflowOptions(command, rollbackParameters));
}
