/** Checks that this machine can run a lab. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { exitCodes, KataError } from '@kata/core';
import { run } from '../run.ts';
import { freeInotifyInstances } from './inotify-instances.ts';

/** Bytes that the control machine needs, and that each node adds. */
const memory = { control: 1.5 * 2 ** 30, node: 0.75 * 2 ** 30 };

/** Seen: 13 on the control machine, 13 on a node, some more while tests run. */
const inotifyPerMachine = 14;

export async function checkMachine(nodeCount: number): Promise<void> {
  const available = await availableMemoryBytes();
  const needed = memory.control + nodeCount * memory.node;
  if (available < needed) {
    throw cannot(
      'KATA_LAB_MEMORY',
      `a lab of ${nodeCount} nodes needs ${gib(needed)} GiB of free memory, but this machine has ${gib(available)} GiB`,
      'use fewer nodes (--nodes) or free some memory',
    );
  }
  const free = await freeInotifyInstances();
  const instances = (1 + nodeCount) * inotifyPerMachine;
  if (free < instances) {
    throw cannot(
      'KATA_LAB_INOTIFY',
      `a lab of ${nodeCount} nodes needs ${instances} inotify instances, but this machine has only ${free} left`,
      'remove another lab (lab down --name …), or raise the limit: sysctl fs.inotify.max_user_instances=512',
    );
  }
}

export function checkPlatform(): void {
  if (process.platform !== 'linux') {
    throw cannot('KATA_LAB_NOT_LINUX', 'the lab runs on Linux only', 'use a Linux virtual machine');
  }
  if (process.getuid?.() !== 0) {
    throw cannot('KATA_LAB_NOT_ROOT', 'the lab must run as root', 'run it again with sudo');
  }
}

/** The lab does not install Go: the distribution's package is too old to build Kubernetes. */
export async function checkGo(): Promise<void> {
  const version = await run(['go', 'env', 'GOVERSION']).catch((error: unknown) => {
    throw new KataError(
      'KATA_LAB_NO_GO',
      'the lab builds its tools with Go, but the PATH has no program go',
      {
        exitCode: exitCodes.precondition,
        hint: 'install Go 1.21 or newer; it downloads the version that the tools need',
        cause: error,
      },
    );
  });
  const [major = 0, minor = 0] = version.replace('go', '').split('.').map(Number);
  if (major > 1 || minor >= 21) return;
  throw cannot(
    'KATA_LAB_OLD_GO',
    `the lab's tools need Go 1.21 or newer, but ${version} is installed`,
    'install a newer Go',
  );
}

/** How many tools are built at the same time: one compiler uses all processors, but not while it links. */
export function buildParallelism(): number {
  return Math.min(2, availableParallelism());
}

async function availableMemoryBytes(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

function cannot(code: `KATA_${string}`, message: string, hint: string): KataError {
  return new KataError(code, message, { exitCode: exitCodes.precondition, hint });
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
