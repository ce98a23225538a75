/** Collects the sources of the doctor's checks. */
import { exitCodes } from '@kata/core';
import type { CheckResult, DoctorOptions } from '@kata/doctor';
import type { Session } from './session.ts';

/** Prints the results and sets the exit code. */
export async function examine(
  session: Session,
  more: Pick<DoctorOptions, 'kubeletVersion'> = {},
): Promise<void> {
  const { LinuxFiles } = await import('@kata/host');
  const { kubeletConfigurationQuery, examineNode, formatResults } = await import('@kata/doctor');
  const { deployClient } = await import('@kata/node-agent/machine');
  const { host, config, engine } = session;
  const checks = await examineNode({
    host,
    own: new LinuxFiles({ root: '/' }),
    settings: config.settings,
    engine,
    payload: async () => await session.payload(),
    sandboxes: async () => await session.installation.readSandboxes(),
    ...kubeletConfigurationQuery(config.nodeName, deployClient),
    ...more,
  });
  session.report.result(formatResults(checks), { checks });
  if (checks.some(isProblem)) process.exitCode = exitCodes.precondition;
}

function isProblem({ state }: CheckResult): boolean {
  return state === 'problem';
}
