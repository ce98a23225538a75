/** The table of one of our handlers in containerd's configuration. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { getIn, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import type { Loader } from './loaders.ts';

/** The runtimes that containerd uses when its configuration names none. */
export const defaultRuntimes: TomlTable = { runc: { runtime_type: 'io.containerd.runc.v2' } };

/** The keys that select the shim of a handler. */
export const shimKeys = ['runtime_type', 'runtime_path'] as const;

export function handlerTable(handler: Handler, loader: Loader): TomlTable {
  const start =
    loader.startsShimBy === 'runtime_path'
      ? { runtime_type: `io.containerd.${handler.name}.v2`, runtime_path: handler.shimPath }
      : { runtime_type: handler.shimPath };
  return {
    ...start,
    privileged_without_host_devices: true,
    pod_annotations: ['io.katacontainers.*'],
    container_annotations: ['io.kubernetes.container.terminationMessage*'],
    options: { ConfigPath: handler.configPath },
    ...(handler.snapshotter === undefined ? {} : { snapshotter: handler.snapshotter }),
  };
}

/** Whether its shim or its Kata configuration is in our installation. */
export function usesOurFiles(table: TomlValue | undefined, prefix: HostPath): boolean {
  if (!isTable(table)) return false;
  const paths = [table['runtime_path'], table['runtime_type'], getIn(table, ['options', 'ConfigPath'])];
  return paths.some((path) => typeof path === 'string' && path.startsWith(`${prefix}/`));
}
