/** Installs the programs that the lab runs and that are missing on this machine. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import type { Progress } from '@kata/report';
import { run } from '../run.ts';

/** Program and the Debian package that has it. */
const needed = {
  'systemd-nspawn': 'systemd-container',
  'systemd-socket-activate': 'systemd',
  mmdebstrap: 'mmdebstrap',
  skopeo: 'skopeo',
  catatonit: 'catatonit',
  ip: 'iproute2',
  openssl: 'openssl',
  nsenter: 'util-linux',
  sysctl: 'procps',
  journalctl: 'systemd',
} as const;

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export async function installSystemPackages(progress: Progress): Promise<void> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(needed)) {
    if (!(await isInstalled(program))) missing.add(name);
  }
  if (missing.size === 0) return;
  const names = [...missing].join(' ');
  if (!(await isInstalled('apt-get'))) {
    throw new KataError('KATA_LAB_PACKAGES', `missing prerequisites: programs of the packages ${names}`, {
      exitCode: exitCodes.precondition,
      hint: "install them with your distribution's package manager",
    });
  }
  progress.note(`Installing packages that the lab needs: ${names}`);
  await progress.task('system packages', async (say) => {
    say('apt-get update');
    await apt(['update']);
    say(`apt-get install ${names}`);
    await apt(['install', '--yes', '--no-install-recommends', ...missing]);
  });
}

async function apt(words: readonly string[]): Promise<void> {
  await run(['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300', ...words], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

async function isInstalled(program: string): Promise<boolean> {
  for (const directory of searchPath) {
    try {
      await access(join(directory, program), constants.X_OK);
      return true;
    } catch {
      // Look in the next one.
    }
  }
  return false;
}
