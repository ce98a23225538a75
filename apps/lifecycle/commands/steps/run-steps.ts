/** The steps of a run that was planned. */
import type { Command } from 'commander';
import { addChartOptions, readChartOptions } from '../../chart-options.ts';
import { openRunSession, stepOfRun, type StepOptions, writeOutputs } from './step.ts';

export function helmStep(): Command {
  const command = stepOfRun('helm', 'put the installation under management, then upgrade its Helm release');
  return addChartOptions(command).action(async (options: StepOptions, self: Command) => {
    const { stepHelm } = await import('@kata/orchestrator');
    const [session, run] = await openRunSession(options, self);
    await stepHelm(session, { ...run, ...readChartOptions(self) });
  });
}

export function prepareStep(): Command {
  return stepOfRun('prepare', 'wait until every node offers the release').action(
    async (options: StepOptions, self: Command) => {
      const { stepPrepare } = await import('@kata/orchestrator');
      await stepPrepare(...(await openRunSession(options, self)));
    },
  );
}

export function nodeStep(): Command {
  return stepOfRun('node', 'upgrade one node and verify it, or roll it back')
    .requiredOption('--node <name>', 'the node')
    .action(async (options: StepOptions, self: Command) => {
      const { stepNode } = await import('@kata/orchestrator');
      const [session, run] = await openRunSession(options, self);
      process.exitCode = await stepNode(session, { ...run, node: options.node });
    });
}

export function joinStep(): Command {
  return stepOfRun(
    'join',
    'take in nodes that joined during the run, when all others are right; writes waves',
  )
    .requiredOption('--outputs <folder>', 'where the file waves is written')
    .action(async (options: StepOptions, self: Command) => {
      const { stepJoin } = await import('@kata/orchestrator');
      const waves = await stepJoin(...(await openRunSession(options, self)));
      await writeOutputs(options.outputs, { waves: JSON.stringify(waves) });
    });
}

export function settleStep(): Command {
  const command = stepOfRun(
    'settle',
    'after a failure, return the Helm release to where it was; writes nodes',
  ).requiredOption(
    '--outputs <folder>',
    'where the file nodes is written: those that are not at their end yet',
  );
  return addChartOptions(command).action(async (options: StepOptions, self: Command) => {
    const { stepSettle } = await import('@kata/orchestrator');
    const [session, run] = await openRunSession(options, self);
    const nodes = await stepSettle(session, { ...run, ...readChartOptions(self) });
    await writeOutputs(options.outputs, { nodes: JSON.stringify(nodes) });
  });
}

export function finishStep(): Command {
  return stepOfRun('finish', 'record the end of the run; fails when a node failed').action(
    async (options: StepOptions, self: Command) => {
      const { stepFinish } = await import('@kata/orchestrator');
      process.exitCode = await stepFinish(...(await openRunSession(options, self)));
    },
  );
}
