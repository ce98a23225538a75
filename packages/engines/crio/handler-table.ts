/** The table of one of our handlers in CRI-O's configuration. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { isTable, type TomlTable, type TomlValue } from '@kata/toml';

/** Keys that only some of our handlers have. */
export const optionalKeys: readonly string[] = ['runtime_pull_image'];

export function handlerTable({ shimPath, configPath, pullType }: Handler): TomlTable {
  return {
    runtime_path: shimPath,
    runtime_type: 'vm',
    runtime_root: '/run/vc',
    runtime_config_path: configPath,
    privileged_without_host_devices: true,
    ...(pullType === 'guest-pull' ? { runtime_pull_image: true } : {}),
  };
}

/** Whether its shim or its Kata configuration is in our installation. */
export function usesOurFiles(table: TomlValue | undefined, prefix: HostPath): boolean {
  if (!isTable(table)) return false;
  const paths = [table['runtime_path'], table['runtime_config_path']];
  return paths.some((path) => typeof path === 'string' && path.startsWith(`${prefix}/`));
}
