/** The configuration that is generated into a release: a private copy per shim, and drop-ins beside it. */
import type { HostPath } from '@kata/host';
import {
  handlerName,
  ownFilesDropIn,
  runtimeConfiguration,
  runtimeDirectory,
  type Shim,
  shimBinary,
  shippedConfiguration,
} from '@kata/kata';
import { renderDocument, TomlDocument, type TomlTable } from '@kata/toml';
import type { HandlerEntry } from './facts.ts';
import type { Settings } from './settings/index.ts';

const banner = (directory: string): string =>
  `# Managed by kata-deploy, which replaces this file. Put your own settings into ${directory}/config.d/.\n`;

export function releaseDirectory(prefix: HostPath, release: string): HostPath {
  return `${prefix}/releases/${release}`;
}

/** Texts by path. `configurations` are the shipped ones by their path in the payload. */
export function generatedFiles(
  settings: Settings,
  release: string,
  configurations: ReadonlyMap<string, string>,
): ReadonlyMap<HostPath, string> {
  const directory = releaseDirectory(settings.prefix, release);
  const files = new Map<HostPath, string>();
  for (const shim of settings.shims) {
    const shipped = configurations.get(shippedConfiguration(shim));
    if (shipped === undefined) continue;
    files.set(
      `${directory}/${runtimeConfiguration(shim)}`,
      banner(`${settings.prefix}/${runtimeDirectory(shim)}`) + shipped,
    );
    const dropIn = ownFilesDropIn(TomlDocument.parse(shipped, shippedConfiguration(shim)).value, directory);
    if (dropIn !== undefined) {
      files.set(
        `${directory}/${runtimeDirectory(shim)}/config.d/10-release.toml`,
        renderDocument(dropIn as TomlTable, 'The files of this release, by their own paths.'),
      );
    }
  }
  return files;
}

export function wantedHandlers(settings: Settings): readonly HandlerEntry[] {
  return settings.shims.map((shim: Shim) => ({
    name: handlerName(shim.name, settings.suffix),
    shimPath: `${settings.prefix}/${shimBinary(shim)}`,
    configPath: `${settings.prefix}/${runtimeConfiguration(shim)}`,
  }));
}
