/** The path of our part of CRI-O's configuration. */
import type { HostPath } from '@kata/host';
import type { EngineContext } from '../contract.ts';

type Place = Pick<EngineContext, 'location' | 'suffix'>;

export function mainPath({ location }: Pick<EngineContext, 'location'>): HostPath {
  return `${location.configDirectory}/crio.conf`;
}

export function dropInDirectory({ location }: Pick<EngineContext, 'location'>): HostPath {
  return `${location.configDirectory}/crio.conf.d`;
}

/** The name that upstream's installer uses, too. */
export function dropInPath(context: Place): HostPath {
  const { suffix } = context;
  return `${dropInDirectory(context)}/99-kata-deploy${suffix === '' ? '' : `-${suffix}`}`;
}
