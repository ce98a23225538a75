import { exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { labelNode } from './label-node.ts';
import { openSession, print, say, underLock } from './session.ts';

export function installCommand(): Command {
  return new Command('install')
    .description('install, or upgrade, what the payload holds')
    .option('--once', 'end when it is done')
    .addHelpText('after', '\nExample:\n  kata-deploy install --once')
    .action(async (options: { readonly once?: boolean }, command: Command) => {
      if (options.once !== true) {
        throw new KataError('KATA_CONFIG_INVALID', 'this version can install only with --once', {
          exitCode: exitCodes.usage,
          hint: 'kata-deploy install --once',
        });
      }
      await install(command);
    });
}

async function install(command: Command): Promise<void> {
  const session = await openSession(command);
  const payload = await session.payload();
  const done = await underLock(
    session.host,
    'install',
    async () => await session.installation.install(payload),
  );
  if (done.plan.actions.length === 0) say('nothing to do');
  const { servingMetadata } = await import('@kata/installer');
  await labelNode(
    session.config,
    servingMetadata(session.config.settings.suffix, done.handlers, done.dropped, {
      phase: 'installed',
      version: done.version,
      release: done.release,
      reason: 'Installed',
      time: session.host.now().toISOString(),
    }),
  );
  print(`Kata ${done.version} is installed: ${done.handlers.map((handler) => handler.name).join(', ')}`);
}
