/** The paths of our part of containerd's configuration. */
import type { HostPath } from '@kata/host';
import type { EngineContext } from '../contract.ts';
import { ownerName } from './marks.ts';

/** The two possible paths of our drop-in: in the directory that containerd's default imports, or below our prefix. */
export function dropInPaths(context: EngineContext): readonly [HostPath, HostPath] {
  return [
    `${context.location.configDirectory}/conf.d/${ownerName(context)}.toml`,
    `${context.prefix}/containerd/config.d/kata-deploy.toml`,
  ];
}

/** The import of our drop-ins: a pattern, so that a missing file or directory of ours never stops containerd. */
export function dropInsPattern({ prefix }: Pick<EngineContext, 'prefix'>): HostPath {
  return `${prefix}/containerd/config.d/*.toml`;
}

/** The paths of the user drop-in, next to each of ours; its name sorts last. */
export function userDropInPaths({ location, prefix, suffix }: EngineContext): readonly [HostPath, HostPath] {
  const name = suffix === '' ? 'zz-kata-deploy-user.toml' : `zz-kata-deploy-user-${suffix}.toml`;
  return [`${location.configDirectory}/conf.d/${name}`, `${prefix}/containerd/config.d/${name}`];
}

/** The drop-ins of this installation. A user drop-in counts only when we wrote it or will write it. */
export function ourDropIns(context: EngineContext): readonly HostPath[] {
  const owned = context.owned.map((file) => file.path);
  const isOurs = (path: HostPath): boolean => context.userDropIn !== undefined || owned.includes(path);
  return [...dropInPaths(context), ...userDropInPaths(context).filter(isOurs)];
}

/** The paths of this installation that foreign files may import. */
export function ourImports(context: EngineContext): readonly HostPath[] {
  return [...ourDropIns(context), dropInsPattern(context)];
}
