/** What containerd's configuration says about one of our handlers, and which of its handlers are ours. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { getIn, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import type { Loader } from './loaders.ts';

/** What containerd uses when its configuration names no runtimes. */
export const defaultRuntimes: TomlTable = { runc: { runtime_type: 'io.containerd.runc.v2' } };

/** The keys that say which shim a handler starts. */
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

/** Its shim or its Kata configuration stands where we install. */
export function usesOurFiles(table: TomlValue | undefined, prefix: HostPath): boolean {
  if (!isTable(table)) return false;
  const paths = [table['runtime_path'], table['runtime_type'], getIn(table, ['options', 'ConfigPath'])];
  return paths.some((path) => typeof path === 'string' && path.startsWith(`${prefix}/`));
}
