import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import type { NodeFacts } from './facts.ts';
import { emptyRecord } from '../state/record.ts';
import { watchedDirectories, writeWatchList } from './watch-list.ts';

const prefix = '/opt/kata';

/** Only the fields that are read. */
const facts = {
  engine: { configFiles: ['/etc/containerd/config.toml', '/etc/containerd/conf.d/99-other.toml'] },
  record: {
    ...emptyRecord,
    handlers: [
      {
        name: 'kata-qemu',
        shimPath: '/opt/kata/bin/containerd-shim-kata-v2',
        configPath: '/opt/kata/share/defaults/kata-containers/runtimes/qemu/configuration-qemu.toml',
      },
    ],
  },
} as unknown as NodeFacts;

test('issue 12.21: engine files, links and their targets, shims, configuration and the socket are watched', async () => {
  const host = new MemoryHost();
  await host.files.makeDirectory('/etc/containerd');
  await host.files.setLink('/etc/containerd/config.toml', '../managed/containerd.toml');

  expect(await watchedDirectories(host, prefix, facts)).toEqual([
    '/etc/containerd',
    '/etc/containerd/conf.d',
    '/etc/managed',
    '/opt/kata',
    '/opt/kata/bin',
    '/opt/kata/containerd/config.d',
    '/opt/kata/share/defaults/kata-containers/runtimes/qemu',
    '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d',
    '/run/containerd',
  ]);
});

test('the list is written once', async () => {
  const host = new MemoryHost();
  await host.files.makeDirectory('/opt/kata/state');
  await writeWatchList(host, prefix, facts);
  const before = await host.files.info('/opt/kata/state/watch');

  await writeWatchList(host, prefix, facts);

  expect(await host.files.info('/opt/kata/state/watch')).toEqual(before);
  expect((await host.files.read('/opt/kata/state/watch'))?.toString('utf8')).toMatch(
    /^\/etc\/containerd\n.*\/run\/containerd\n\/run\/systemd\/units\/invocation:kubelet\.service\n$/s,
  );
});
