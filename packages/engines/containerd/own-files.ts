/** Where our part of containerd's configuration stands. */
import type { HostPath } from '@kata/host';
import type { EngineContext } from '../contract.ts';
import { ownerName } from './marks.ts';

export const containerdDirectory: HostPath = '/etc/containerd';

/** Where our drop-in can be: in the directory that containerd's own default imports, or below our prefix. */
export function dropInPaths(context: EngineContext): readonly [HostPath, HostPath] {
  return [
    `${containerdDirectory}/conf.d/${ownerName(context)}.toml`,
    `${context.prefix}/containerd/config.d/kata-deploy.toml`,
  ];
}

/** What we have containerd import where it takes drop-ins: so a file or folder of ours that is gone never stops it. */
export function dropInsPattern({ prefix }: Pick<EngineContext, 'prefix'>): HostPath {
  return `${prefix}/containerd/config.d/*.toml`;
}

/** Of the person's own drop-in, beside each of ours; its name sorts last. */
export function userDropInPaths({ prefix, suffix }: EngineContext): readonly [HostPath, HostPath] {
  const name = suffix === '' ? 'zz-kata-deploy-user.toml' : `zz-kata-deploy-user-${suffix}.toml`;
  return [`${containerdDirectory}/conf.d/${name}`, `${prefix}/containerd/config.d/${name}`];
}

/** The drop-ins of this installation. One of the person counts only when it came from us, or is to. */
export function ourDropIns(context: EngineContext): readonly HostPath[] {
  const owned = context.owned.map((file) => file.path);
  const isOurs = (path: HostPath): boolean => context.userDropIn !== undefined || owned.includes(path);
  return [...dropInPaths(context), ...userDropInPaths(context).filter(isOurs)];
}

/** What files of others may import of this installation. */
export function ourImports(context: EngineContext): readonly HostPath[] {
  return [...ourDropIns(context), dropInsPattern(context)];
}
