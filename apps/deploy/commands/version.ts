import { KataError } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import description from '../package.json' with { type: 'json' };
import { outputOption } from './print-plan.ts';
import { openSession, type Session } from './session.ts';

export function versionCommand(): Command {
  const command = new Command('version')
    .description('show the versions of this program and of its payload')
    .addOption(outputOption())
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const program = description.version;
      const { architecture } = session.config;
      const payload = await payloadVersion(session);
      session.report.result(`kata-deploy ${program}, payload ${payload ?? 'none'}, ${architecture}`, {
        program,
        payload,
        architecture,
      });
    });
  return withHelp(command, {
    examples: ['kata-deploy version', 'kata-deploy version --output json | jq -r .payload'],
  });
}

/** Null without a usable payload. */
async function payloadVersion(session: Session): Promise<string | null> {
  try {
    return (await session.payload()).manifest.version;
  } catch (error) {
    if (error instanceof KataError) return null;
    throw error;
  }
}
