import { exitCodes } from '@kata/core';
import type { CheckResult, DoctorOptions } from '@kata/installer';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { type OutputFormat, outputOption } from './print-plan.ts';
import { openSession, print, type Session } from './session.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('look for what Kata would miss on this machine; changes nothing')
    .addOption(outputOption())
    .action(async (options: { readonly output: OutputFormat }, self: Command) => {
      const session = await openSession(self);
      await examine(session, options.output, askKubeletVersion(session.config.nodeName));
    });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]:
        'there is a problem; warnings, and what cannot be seen from a container, are none',
    },
    examples: [
      'kata-deploy doctor',
      `kata-deploy doctor --output json | jq '.checks[] | select(.state == "problem")'`,
    ],
  });
}

/** Prints what is found, and sets the exit code. */
export async function examine(
  session: Session,
  output: OutputFormat,
  more: Pick<DoctorOptions, 'kubeletVersion'> = {},
): Promise<void> {
  const { LinuxFiles } = await import('@kata/host');
  const { examineNode, formatResults } = await import('@kata/installer');
  const { host, config, engine } = session;
  const checks = await examineNode({
    host,
    own: new LinuxFiles({ root: '/' }),
    settings: config.settings,
    engine,
    payload: async () => await session.payload(),
    sandboxes: async () => await session.installation.lookAtSandboxes(),
    ...askKubelet(config.nodeName),
    ...more,
  });
  print(output === 'json' ? JSON.stringify({ checks }, undefined, 2) : formatResults(checks));
  if (checks.some(isProblem)) process.exitCode = exitCodes.precondition;
}

/** Nobody waits long for one line of the report. */
const kubeletLimits = { overallMs: 5000, requestMs: 5000 };

function askKubelet(nodeName: string | undefined): Partial<Pick<DoctorOptions, 'kubeletConfiguration'>> {
  if (nodeName === undefined) return {};
  return {
    kubeletConfiguration: async () => {
      const { connectCluster } = await import('@kata/kube');
      return await connectCluster({ limits: kubeletLimits }).readKubeletConfiguration(nodeName);
    },
  };
}

function askKubeletVersion(nodeName: string | undefined): Pick<DoctorOptions, 'kubeletVersion'> {
  if (nodeName === undefined) return {};
  return {
    kubeletVersion: async () => {
      const { connectCluster } = await import('@kata/kube');
      const { nodeInfo } = await connectCluster({ limits: kubeletLimits }).readNode(nodeName);
      return String(nodeInfo['kubeletVersion']);
    },
  };
}

function isProblem({ state }: CheckResult): boolean {
  return state === 'problem';
}
