/** Resolves the options of each shim from settings that name shims. */
import { type KataArchitecture, type Shim, type ShimOptions } from '@kata/kata';
import { findEnabledShim, findShim } from './choose-shims.ts';
import type { ShimAnnotations, ShimValue } from './kinds.ts';
import type { Problems } from './problems.ts';
import type { Given, GivenFields } from './read-fields.ts';

export interface EnabledShims {
  readonly kataArchitecture: KataArchitecture;
  readonly shims: readonly Shim[];
  readonly problems: Problems;
}

/** By name of the shim, like `dropIns`. `bases`: of custom runtimes. */
export function resolveShimOptions(
  fields: GivenFields,
  enabled: EnabledShims,
  dropIns: ReadonlyMap<string, string>,
  bases: readonly Shim[],
): ReadonlyMap<string, ShimOptions> {
  // Annotations and proxies apply to custom runtimes, too, also when their base is not enabled.
  const served = { ...enabled, shims: [...new Set([...enabled.shims, ...bases])] };
  const annotations = annotationsByShim(fields.hypervisorAnnotations, served);
  const snapshotters = valuesByShim(fields.snapshotterMapping, enabled);
  const pullTypes = valuesByShim(fields.pullTypeMapping, enabled);
  const httpsProxies = proxiesByShim(fields.httpsProxy, served);
  const noProxies = proxiesByShim(fields.noProxy, served);
  const { value: forced = [], source } = fields.forceGuestPull;
  const guestPull = forced.map((name) => findEnabledShim(name, source, enabled.shims, enabled.problems));
  return new Map(
    served.shims.map((shim) => [
      shim.name,
      {
        hypervisorAnnotations: annotations.get(shim) ?? [],
        httpsProxy: httpsProxies.get(shim),
        noProxy: noProxies.get(shim),
        forceGuestPull: guestPull.includes(shim),
        snapshotter: snapshotters.get(shim),
        pullType: guestPullOnly(pullTypes.get(shim)),
        dropIn: dropIns.get(shim.name),
      },
    ]),
  );
}

/** `default` means none. */
export function guestPullOnly(pullType: string | undefined): string | undefined {
  return pullType === 'default' ? undefined : pullType;
}

/** Sorted, each once. */
function annotationsByShim(
  given: Given<readonly ShimAnnotations[] | undefined>,
  { shims, problems }: EnabledShims,
): ReadonlyMap<Shim, readonly string[]> {
  const found = new Map<Shim, ReadonlySet<string>>();
  for (const { shim: name, names } of given.value ?? []) {
    const one = name === undefined ? undefined : findEnabledShim(name, given.source, shims, problems);
    const meant = name === undefined ? shims : one === undefined ? [] : [one];
    for (const shim of meant) found.set(shim, new Set([...(found.get(shim) ?? []), ...names]));
  }
  return new Map([...found].map(([shim, names]) => [shim, [...names].toSorted()]));
}

/** At most one value for each shim. */
function valuesByShim(
  given: Given<readonly ShimValue[] | undefined>,
  { shims, problems }: EnabledShims,
): ReadonlyMap<Shim, string> {
  const found = new Map<Shim, string>();
  for (const { shim: name, value } of given.value ?? []) {
    const meant = name === undefined ? shims : [findEnabledShim(name, given.source, shims, problems)];
    for (const shim of meant.filter((one) => one !== undefined)) {
      if (found.has(shim)) {
        problems.add(`${given.source} names the shim "${shim.name}" twice`, 'give each shim one value');
      }
      found.set(shim, value);
    }
  }
  return found;
}

/** The value is for nodes of all architectures: a shim that does not exist for this one is ignored. */
function proxiesByShim(
  given: Given<readonly ShimValue[] | undefined>,
  enabled: EnabledShims,
): ReadonlyMap<Shim, string> {
  const isApplicable = ({ shim: name }: ShimValue): boolean => {
    const shim = name === undefined ? undefined : findShim(name);
    return shim === undefined || shim.components[enabled.kataArchitecture] !== undefined;
  };
  return valuesByShim({ ...given, value: given.value?.filter(isApplicable) }, enabled);
}
