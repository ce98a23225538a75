import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { countInotifyInstances, freeInotifyInstances } from './inotify-instances.ts';

test('a process that watches a folder has an inotify instance until it ends', async () => {
  const watcher = spawn(process.execPath, ['-e', 'fs.watch("/"); console.log("watches")']);
  await once(watcher.stdout, 'data');

  expect(await countInotifyInstances(String(watcher.pid))).toBe(1);

  watcher.kill();
  await once(watcher, 'exit');
  expect(await countInotifyInstances(String(watcher.pid))).toBe(0);
});

test('this machine has free instances', async () => {
  expect(await freeInotifyInstances()).toBeGreaterThan(0);
});
