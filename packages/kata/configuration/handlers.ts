/** The handlers that an installation serves: one per shim, its variants, and the user's custom runtimes. */
import { exitCodes, KataError } from '@kata/core';
import { handlerName } from '../names.ts';
import type { CustomRuntime, HandlerVariant, ShimOptions } from '../shim-options.ts';
import {
  customRuntimeDirectory,
  type KataArchitecture,
  neededComponents,
  runtimeDirectory,
  type Shim,
  shimBinary,
} from '../shims.ts';

/** The validated settings that decide which handlers there are and how they are configured. */
export interface DesiredConfiguration {
  /** The directory of the installation, such as `/opt/kata`. */
  readonly prefix: `/${string}`;
  /** Empty for the default installation. */
  readonly suffix: string;
  readonly shims: readonly Shim[];
  /** By the name of the shim. */
  readonly options: ReadonlyMap<string, ShimOptions>;
  readonly customRuntimes: readonly CustomRuntime[];
  /** Adds a handler `-debug` for each shim. */
  readonly debug: boolean;
  /** Adds a handler `-devkit` for each shim. */
  readonly devkit: boolean;
  /** Where kubelet keeps its files when that is not `/var/lib/kubelet`. */
  readonly kubeletRoot: string | undefined;
}

/** A handler as the settings describe it; the part for the engine's configuration is `Handler`. */
export interface DesiredHandler {
  readonly name: string;
  /** Both paths go through the installation's links, so they stay the same in all releases. */
  readonly shimPath: `/${string}`;
  readonly configPath: `/${string}`;
  readonly snapshotter: string | undefined;
  readonly pullType: string | undefined;
  readonly base: Shim;
  readonly variant: HandlerVariant;
  /** Of its configuration and `config.d`, relative to the release. */
  readonly directory: string;
  /** The user's TOML, and its file name in `config.d`. */
  readonly dropIn: { readonly name: string; readonly text: string } | undefined;
}

/** @throws KataError `KATA_CONFIG_HANDLER_TWICE` when two handlers would have one name */
export function describeHandlers(desired: DesiredConfiguration): readonly DesiredHandler[] {
  const variants: readonly HandlerVariant[] = [
    'plain',
    ...(desired.debug ? ['debug' as const] : []),
    ...(desired.devkit ? ['devkit' as const] : []),
  ];
  const handlers = [
    ...desired.shims.flatMap((shim) => variants.map((variant) => shimHandler(desired, shim, variant))),
    ...desired.customRuntimes.map((runtime) => customHandler(desired, runtime)),
  ];
  const names = handlers.map((handler) => handler.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return handlers;
  throw new KataError('KATA_CONFIG_HANDLER_TWICE', `two runtimes have the handler name ${twice}`, {
    exitCode: exitCodes.usage,
    hint: 'give the custom runtime another name',
  });
}

/** The components of all handlers, each once, sorted. */
export function handlerComponents(
  desired: DesiredConfiguration,
  kataArchitecture: KataArchitecture,
): readonly string[] {
  const bases = describeHandlers(desired).map((handler) => handler.base);
  const tools = desired.devkit ? ['rootfs-image-devkit-extension'] : [];
  return [...neededComponents(bases, kataArchitecture), ...tools].toSorted();
}

/** A variant has the options of the plain handler. */
function shimHandler(desired: DesiredConfiguration, shim: Shim, variant: HandlerVariant): DesiredHandler {
  const options = desired.options.get(shim.name);
  const name = handlerName(shim.name, desired.suffix, variant);
  const directory = variant === 'plain' ? runtimeDirectory(shim) : customRuntimeDirectory(name);
  return {
    name,
    ...paths(desired, shim, directory),
    snapshotter: options?.snapshotter,
    pullType: options?.pullType,
    variant,
    dropIn: named('50-user-overrides.toml', options?.dropIn),
  };
}

/** Options of the base apply to it, too, except those with a value of its own. */
function customHandler(desired: DesiredConfiguration, runtime: CustomRuntime): DesiredHandler {
  return {
    name: runtime.handler,
    ...paths(desired, runtime.base, customRuntimeDirectory(runtime.handler)),
    snapshotter: runtime.snapshotter,
    pullType: runtime.pullType,
    variant: 'plain',
    dropIn: named('50-overrides.toml', runtime.dropIn),
  };
}

function paths(
  { prefix }: DesiredConfiguration,
  base: Shim,
  directory: string,
): Pick<DesiredHandler, 'base' | 'directory' | 'shimPath' | 'configPath'> {
  return {
    base,
    directory,
    shimPath: `${prefix}/${shimBinary(base)}`,
    configPath: `${prefix}/${directory}/configuration-${base.name}.toml`,
  };
}

function named(name: string, text: string | undefined): DesiredHandler['dropIn'] {
  return text === undefined ? undefined : { name, text };
}
