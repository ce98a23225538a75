/** Finds the shims that a setting names, and reports invalid names. */
import { defaultShims, type KataArchitecture, type Shim, shims } from '@kata/kata';
import type { Problems } from './problems.ts';
import type { Given } from './read-fields.ts';

/** By its name or its alias. */
export function findShim(name: string): Shim | undefined {
  return shims.get(name === 'firecracker' ? 'fc' : name);
}

/** Undefined, with a problem, for a name that is unknown or does not exist for the architecture. */
function findSupportedShim(
  name: string,
  source: string,
  kataArchitecture: KataArchitecture,
  problems: Problems,
): Shim | undefined {
  const shim = findKnownShim(name, source, kataArchitecture, problems);
  if (shim === undefined || supportsArchitecture(shim, kataArchitecture)) return shim;
  problems.add(
    `${source} names the shim "${name}", which does not exist for ${kataArchitecture}`,
    knownFor(kataArchitecture),
  );
  return undefined;
}

/** Undefined, with a problem, for an unknown name. */
export function findKnownShim(
  name: string,
  source: string,
  kataArchitecture: KataArchitecture,
  problems: Problems,
): Shim | undefined {
  const shim = findShim(name);
  if (shim === undefined)
    problems.add(`${source} names an unknown shim "${name}"`, knownFor(kataArchitecture));
  return shim;
}

export function supportsArchitecture(shim: Shim, kataArchitecture: KataArchitecture): boolean {
  return shim.components[kataArchitecture] !== undefined;
}

function knownFor(kataArchitecture: KataArchitecture): string {
  return `known for ${kataArchitecture} are ${namesOf([...shims.values()].filter((shim) => supportsArchitecture(shim, kataArchitecture)))}`;
}

/** Each once, in the order of their names in the text. */
export function chooseShims(
  named: Given<readonly string[] | undefined>,
  kataArchitecture: KataArchitecture,
  problems: Problems,
): readonly Shim[] {
  if (named.value === undefined) return defaultShims(kataArchitecture);
  const found = named.value.flatMap(
    (name) => findSupportedShim(name, named.source, kataArchitecture, problems) ?? [],
  );
  return [...new Set(found)];
}

/** Undefined, with a problem, for a shim that is not among `enabled`. */
export function findEnabledShim(
  name: string,
  source: string,
  enabled: readonly Shim[],
  problems: Problems,
): Shim | undefined {
  const shim = findShim(name);
  if (shim !== undefined && enabled.includes(shim)) return shim;
  problems.add(
    `${source} names ${shim === undefined ? 'an unknown shim' : 'the shim'} "${name}"${shim === undefined ? '' : ', which is not enabled'}`,
    enabled.length === 0 ? 'no shim is enabled' : `enabled are ${namesOf(enabled)}`,
  );
  return undefined;
}

/** The shim behind the RuntimeClass `kata`. */
export function chooseDefaultShim(
  named: Given<string | undefined>,
  enabled: readonly Shim[],
  problems: Problems,
): Shim | undefined {
  if (named.value !== undefined) return findEnabledShim(named.value, named.source, enabled, problems);
  const preferred = ['qemu-runtime-rs', 'qemu'].map((name) => enabled.find((shim) => shim.name === name));
  return preferred.find((shim) => shim !== undefined) ?? enabled[0];
}

function namesOf(list: readonly Shim[]): string {
  return list.map((shim) => shim.name).join(', ');
}
