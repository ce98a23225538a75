/** Installs the programs that the lab runs and that are missing on this machine. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import type { Progress } from '@kata/report';
import { run } from '../run.ts';
import { type ToolName, toolOf } from '../tools/catalog.ts';

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

/** For tools that are not only Go: a file, and the Debian package that has it. */
const neededByCgo = {
  '/usr/bin/gcc': 'gcc',
  '/usr/include/stdlib.h': 'libc6-dev',
  '/usr/include/seccomp.h': 'libseccomp-dev',
} as const;

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** `tools`: those that will be built. */
export async function installSystemPackages(tools: readonly ToolName[], progress: Progress): Promise<void> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(needed)) {
    if (!(await isInstalled(program))) missing.add(name);
  }
  if (tools.some((name) => toolOf(name).cgo !== undefined)) {
    for (const [file, name] of Object.entries(neededByCgo)) {
      if (!(await canAccess(file, constants.R_OK))) missing.add(name);
    }
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
    if (await canAccess(join(directory, program), constants.X_OK)) return true;
  }
  return false;
}

async function canAccess(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}
