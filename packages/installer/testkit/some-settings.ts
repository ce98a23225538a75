/** Settings for tests: some shims with default options. */
import { type ShimOptions, shims } from '@kata/kata';
import type { Settings } from '@kata/settings';

export function someSettings(names: readonly string[], changes: Partial<Settings> = {}): Settings {
  const chosen = names.flatMap((name) => shims.get(name) ?? []);
  return {
    prefix: '/opt/kata',
    suffix: '',
    kataArchitecture: 'x86_64',
    shims: chosen,
    options: new Map(chosen.map(({ name }) => [name, noOptions])),
    customRuntimes: [],
    defaultShim: chosen[0],
    debug: false,
    devkit: false,
    snapshotters: {
      setup: [],
      erofsMergeMode: 'merged',
      erofsSnapshotterMode: 'disk',
      erofsDmverity: false,
    },
    startupTaints: [],
    containerd: { configFileName: 'config.toml' },
    distribution: undefined,
    containerRuntimeVersion: undefined,
    nodeMachineId: undefined,
    healthPort: 8090,
    ...changes,
  };
}

const noOptions: ShimOptions = {
  hypervisorAnnotations: [],
  httpsProxy: undefined,
  noProxy: undefined,
  forceGuestPull: false,
  snapshotter: undefined,
  pullType: undefined,
  dropIn: undefined,
};
