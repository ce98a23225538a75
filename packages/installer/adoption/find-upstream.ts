/** Looks for the installation of another installer on the node, and decides what can be adopted; changes nothing. */
import { listReleases, type Store } from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostFiles, HostPath } from '@kata/host';
import { toHandler } from '@kata/kata';
import type { EngineFacts } from '../engine/engine-facts.ts';
import type { OwnershipRecord } from '../state/record.ts';
import { describeTree } from './describe-tree.ts';
import { backupSuffix } from './exchange.ts';
import { findLeftovers, stillThere } from './leftovers.ts';
import type { Upstream } from './upstream.ts';

export interface UpstreamSearch {
  readonly host: Host;
  readonly store: Store;
  readonly record: OwnershipRecord | undefined;
  readonly engine: Pick<EngineFacts, 'found' | 'configFiles'>;
  /** Names of the links of the release that will be installed; undefined when none will. */
  readonly topLevel: readonly string[] | undefined;
}

/** What upstream's installer puts into `/opt/kata` and is replaced by links; its snapshotters are not. */
const treeNames: readonly string[] = ['bin', 'libexec', 'runtime-rs', 'share', 'VERSION', 'versions.yaml'];
const shims = ['bin/containerd-shim-kata-v2', 'runtime-rs/bin/containerd-shim-kata-v2'] as const;
const unitsDirectory: HostPath = '/etc/systemd/system';

/** @throws KataError `KATA_INSTALLER_FOREIGN` when a path of ours has a file that no installer of Kata made. */
export async function findUpstream(search: UpstreamSearch): Promise<Upstream | undefined> {
  const { host, store, record, topLevel } = search;
  const adopted = record?.adopted;
  const inTheWay = await realNames(store, topLevel ?? []);
  if (adopted?.pending !== true) {
    if (topLevel !== undefined && inTheWay.length > 0) await refuseForeign(search, inTheWay);
    if (adopted === undefined && (inTheWay.length === 0 || topLevel === undefined)) return undefined;
  }
  // After a complete adoption nothing of upstream is left; what was added since is not upstream's.
  const names = adopted?.pending === false ? [] : inTheWay;
  const known = adopted !== undefined && (await listReleases(store)).includes(adopted.release);
  const isRead = !known && names.length > 0 && topLevel !== undefined;
  const tree = isRead ? await describeTree(store, names, host.architecture) : undefined;
  const { found } = search.engine;
  return {
    release: tree?.id ?? adopted?.release ?? '',
    tree,
    names,
    backups: await backupNames(store),
    handlers: adopted?.handlers ?? found.map(toHandler),
    leftovers:
      adopted === undefined
        ? await findLeftovers(host.files, store.prefix, found)
        : await stillThere(host.files, adopted.leftovers),
    units: (await host.files.list(unitsDirectory)).filter((name) =>
      /^nydus-for-kata-tee.*\.service$/.test(name),
    ),
  };
}

/** Names of Kata in an installation that are files or directories instead of links. */
export async function realNames(
  { files, prefix }: Store,
  topLevel: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of new Set([...treeNames, ...topLevel])) {
    const info = await files.info(`${prefix}/${name}`);
    if (info !== undefined && info.kind !== 'link') found.push(name);
  }
  return found.toSorted();
}

async function backupNames({ files, prefix }: Store): Promise<readonly string[]> {
  const names = await files.list(prefix);
  return names
    .filter((name) => name.endsWith(backupSuffix))
    .map((name) => name.slice(0, -backupSuffix.length));
}

async function refuseForeign(search: UpstreamSearch, names: readonly string[]): Promise<void> {
  const { store, record, engine } = search;
  const { prefix } = store;
  if (record !== undefined || !(await hasShim(store.files, prefix))) {
    const what =
      record === undefined
        ? ' and is not an installation of Kata'
        : ', where links of this installation belong';
    throw foreign(`${prefix} contains ${names.join(', ')}${what}`, prefix, names);
  }
  const own = engine.found.filter((handler) => handler.isDropIn).map((handler) => handler.file);
  const inside = engine.configFiles.filter((path) => path.startsWith(`${prefix}/`) && !own.includes(path));
  if (inside.length === 0) return;
  throw new KataError(
    'KATA_INSTALLER_FOREIGN',
    `the container runtime reads ${inside.join(', ')}, which a removal of the installation in ${prefix} would delete`,
    {
      exitCode: exitCodes.conflict,
      hint: `move it out of ${prefix}, and change the imports in the main file of the container runtime`,
      details: { prefix, found: inside },
    },
  );
}

async function hasShim(files: HostFiles, prefix: HostPath): Promise<boolean> {
  for (const path of shims) {
    if ((await files.digest(`${prefix}/${path}`)) !== undefined) return true;
  }
  return false;
}

function foreign(message: string, prefix: HostPath, names: readonly string[]): KataError {
  return new KataError('KATA_INSTALLER_FOREIGN', message, {
    exitCode: exitCodes.conflict,
    hint: 'nothing was changed: move it away, or install Kata with another prefix or suffix',
    details: { prefix, found: names },
  });
}
