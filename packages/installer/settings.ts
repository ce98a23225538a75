/** What is to be installed: the validated wishes of the person, without anything of the node. */
import { exitCodes, KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { installationDirectory, type KataArchitecture, type Shim, shims } from '@kata/kata';

export interface Settings {
  /** Such as `/opt/kata`. */
  readonly prefix: HostPath;
  /** Empty for the only installation. */
  readonly suffix: string;
  readonly architecture: KataArchitecture;
  /** Only those that this architecture supports. */
  readonly shims: readonly Shim[];
}

export interface SettingsInput {
  /** `INSTALLATION_PREFIX` */
  readonly installationPrefix: string;
  /** `MULTI_INSTALL_SUFFIX` */
  readonly suffix: string;
  readonly architecture: KataArchitecture;
  /** Names as the person wrote them, with the variable that they wrote them into. */
  readonly shims: { readonly names: readonly string[]; readonly source: string };
}

/** @throws KataError `KATA_CONFIG_INVALID`, naming the variable, before anything is changed. */
export function resolveSettings(input: SettingsInput): Settings {
  if (input.suffix !== '' && !/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/.test(input.suffix)) {
    throw invalid(
      `MULTI_INSTALL_SUFFIX "${input.suffix}" is no valid suffix`,
      'use at most 20 of a-z, 0-9 and inner hyphens',
    );
  }
  if (input.installationPrefix !== '' && !/^\/[^\0]*$/.test(input.installationPrefix)) {
    throw invalid(
      `INSTALLATION_PREFIX "${input.installationPrefix}" is no absolute path`,
      'begin it with a slash',
    );
  }
  if (input.installationPrefix.split('/').includes('..')) {
    throw invalid(
      `INSTALLATION_PREFIX "${input.installationPrefix}" has a part ".."`,
      'write the path itself',
    );
  }
  return {
    prefix: installationDirectory(input.installationPrefix, input.suffix),
    suffix: input.suffix,
    architecture: input.architecture,
    shims: resolveShims(input),
  };
}

function resolveShims(input: SettingsInput): readonly Shim[] {
  const { names, source } = input.shims;
  if (names.length === 0) {
    throw invalid(`${source} names no shim`, `name one or more of ${[...shims.keys()].join(', ')}`);
  }
  const found: Shim[] = [];
  for (const name of new Set(names)) {
    const shim = shims.get(name === 'firecracker' ? 'fc' : name);
    if (shim === undefined) {
      throw invalid(`${source} names an unknown shim "${name}"`, `known are ${[...shims.keys()].join(', ')}`);
    }
    if (shim.components[input.architecture] === undefined) {
      throw invalid(
        `${source} names the shim "${name}", which does not exist for ${input.architecture}`,
        'leave it out for this architecture',
      );
    }
    found.push(shim);
  }
  return found;
}

function invalid(message: string, hint: string): KataError {
  return new KataError('KATA_CONFIG_INVALID', message, { exitCode: exitCodes.usage, hint });
}
