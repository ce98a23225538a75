/** What the waiter watches: a change in these directories, or a start of kubelet, may be drift. */
import { posix } from 'node:path';
import type { Host, HostPath } from '@kata/host';
import type { NodeFacts } from './facts.ts';
import { linkChain } from '../engine/link-chain.ts';
import { stateDirectory } from '../state/record.ts';

/** One directory or file per line, as a path of the host. */
const watchListFile = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/watch`;

/** The engine creates its socket here at each start, and may serve other handlers from then on. */
const engineSocketDirectory: HostPath = '/run/containerd';

/** systemd replaces it when kubelet starts; kubelet then registers a node whose object was deleted, without our labels. */
const kubeletStart: HostPath = '/run/systemd/units/invocation:kubelet.service';

export async function watchedDirectories(
  { files }: Pick<Host, 'files'>,
  prefix: HostPath,
  { engine, record }: Pick<NodeFacts, 'engine' | 'record'>,
): Promise<readonly HostPath[]> {
  const handlers = record?.handlers ?? [];
  const paths = [
    ...engine.configFiles,
    ...handlers.flatMap(({ shimPath, configPath }): HostPath[] => [
      shimPath,
      configPath,
      `${posix.dirname(configPath) as HostPath}/config.d/any`,
    ]),
    `${prefix}/containerd/config.d/any` as const,
    `${prefix}/any` as const,
    `${engineSocketDirectory}/any` as const,
  ];
  const directories = new Set<HostPath>();
  for (const path of paths) {
    // Targets of links can be edited, too.
    for (const step of await linkChain(files, path))
      directories.add(posix.resolve(step.path, '..') as HostPath);
  }
  return [...directories].toSorted();
}

/** Writes only when the list changed, because each write wakes the waiter. */
export async function writeWatchList(host: Host, prefix: HostPath, facts: NodeFacts): Promise<void> {
  const directories = await watchedDirectories(host, prefix, facts);
  const content = Buffer.from(`${[...directories, kubeletStart].join('\n')}\n`);
  const before = await host.files.read(watchListFile(prefix));
  if (before?.equals(content) === true) return;
  await host.files.write(watchListFile(prefix), content, { mode: 0o600 });
}
