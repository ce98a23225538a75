/** Counts inotify instances: each machine of a lab needs some, and programs that get none fail with misleading errors. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** How many instances this user can still create. */
export async function freeInotifyInstances(): Promise<number> {
  const limit = Number(await readFile('/proc/sys/fs/inotify/max_user_instances', 'utf8'));
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const counts = await Promise.all(processes.map(countInotifyInstances));
  return limit - counts.reduce((sum, count) => sum + count, 0);
}

/** Zero for a process that has ended. */
export async function countInotifyInstances(process: string): Promise<number> {
  const files = await readdir(`/proc/${process}/fd`).catch(() => []);
  const targets = await Promise.all(
    files.map(async (file) => await readlink(`/proc/${process}/fd/${file}`).catch(() => '')),
  );
  return targets.filter((target) => target === 'anon_inode:inotify').length;
}
