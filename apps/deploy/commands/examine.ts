/** What the doctor asks, and of whom; prints what is found. */
import { exitCodes } from '@kata/core';
import type { CheckResult, DoctorOptions } from '@kata/doctor';
import type { OutputFormat } from './print-plan.ts';
import { print, type Session } from './session.ts';

/** Prints what is found, and sets the exit code. */
export async function examine(
  session: Session,
  output: OutputFormat,
  more: Pick<DoctorOptions, 'kubeletVersion'> = {},
): Promise<void> {
  const { LinuxFiles } = await import('@kata/host');
  const { examineNode, formatResults } = await import('@kata/doctor');
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

/** Only pods of our own chart need a kubelet that starts sidecars. */
export function askKubeletVersion(nodeName: string | undefined): Pick<DoctorOptions, 'kubeletVersion'> {
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
