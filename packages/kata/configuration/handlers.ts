/** The handlers that an installation serves: one per shim, its variants, and those of the person. */
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

/** All that decides which handlers there are and what they are told; validated already. */
export interface DesiredConfiguration {
  /** The directory of the installation, such as `/opt/kata`. */
  readonly prefix: `/${string}`;
  /** Empty for the only installation. */
  readonly suffix: string;
  readonly shims: readonly Shim[];
  /** By the name of the shim. */
  readonly options: ReadonlyMap<string, ShimOptions>;
  readonly customRuntimes: readonly CustomRuntime[];
  /** A handler `-debug` for each shim, too. */
  readonly debug: boolean;
  /** A handler `-devkit` for each shim, too. */
  readonly devkit: boolean;
  /** Where kubelet keeps its files when that is not `/var/lib/kubelet`. */
  readonly kubeletRoot: string | undefined;
}

/** A handler as the settings make it; what of it the engine is told is `Handler`. */
export interface DesiredHandler {
  readonly name: string;
  /** Both lead through the installation's links, so they stay while releases come and go. */
  readonly shimPath: `/${string}`;
  readonly configPath: `/${string}`;
  readonly snapshotter: string | undefined;
  readonly pullType: string | undefined;
  readonly base: Shim;
  readonly variant: HandlerVariant;
  /** Of its configuration and `config.d`, relative to the release. */
  readonly directory: string;
  /** TOML of the person, and the name that it gets in `config.d`. */
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
  throw new KataError('KATA_CONFIG_HANDLER_TWICE', `two runtimes want the handler ${twice}`, {
    exitCode: exitCodes.usage,
    hint: 'give the custom runtime another name',
  });
}

/** The components that all handlers together need, each once, sorted. */
export function handlerComponents(
  desired: DesiredConfiguration,
  kataArchitecture: KataArchitecture,
): readonly string[] {
  const bases = describeHandlers(desired).map((handler) => handler.base);
  const tools = desired.devkit ? ['rootfs-image-devkit-extension'] : [];
  return [...neededComponents(bases, kataArchitecture), ...tools].toSorted();
}

/** A variant differs from the plain handler in nothing but what makes it one. */
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
