/** Values of a type that containerd's decoder refuses: containerd, or its CRI plugin, does not start. Pure. */
import {
  getIn,
  isArray,
  isTable,
  renderPath,
  type TomlPath,
  type TomlTable,
  type TomlValue,
} from '@kata/toml';
import { effectiveConfig } from './effective-config.ts';
import { criSectionPath, runtimesPaths } from './loaders.ts';
import type { ConfigProblem, LoadedConfig } from './resolve-config.ts';

type Kind = 'a string' | 'true or false' | 'a whole number' | 'a list of strings';

const handlerKeys: Readonly<Record<string, Kind>> = {
  runtime_type: 'a string',
  runtime_path: 'a string',
  pod_annotations: 'a list of strings',
  container_annotations: 'a list of strings',
  privileged_without_host_devices: 'true or false',
  privileged_without_host_devices_all_devices_allowed: 'true or false',
  base_runtime_spec: 'a string',
  cni_conf_dir: 'a string',
  cni_max_conf_num: 'a whole number',
  snapshotter: 'a string',
  sandboxer: 'a string',
  io_type: 'a string',
  cgroup_writable: 'true or false',
};

/** In the section with the handlers, next to them. */
const criKeys: Readonly<Record<string, Kind>> = {
  'containerd.default_runtime_name': 'a string',
  enable_selinux: 'true or false',
  selinux_category_range: 'a whole number',
  max_container_log_line_size: 'a whole number',
  disable_apparmor: 'true or false',
  restrict_oom_score_adj: 'true or false',
  disable_proc_mount: 'true or false',
  unset_seccomp_profile: 'a string',
  tolerate_missing_hugetlb_controller: 'true or false',
  disable_hugetlb_controller: 'true or false',
  device_ownership_from_security_context: 'true or false',
  ignore_image_defined_volumes: 'true or false',
  netns_mounts_under_state_dir: 'true or false',
  enable_unprivileged_ports: 'true or false',
  enable_unprivileged_icmp: 'true or false',
  cdi_spec_dirs: 'a list of strings',
  drain_exec_sync_io_timeout: 'a string',
  'cni.bin_dirs': 'a list of strings',
  'cni.conf_dir': 'a string',
  'cni.max_conf_num': 'a whole number',
};

/** Decoded separately for each file. */
const rootKeys: Readonly<Record<string, Kind>> = {
  root: 'a string',
  state: 'a string',
  temp: 'a string',
  oom_score: 'a whole number',
  disabled_plugins: 'a list of strings',
  required_plugins: 'a list of strings',
  'debug.level': 'a string',
  'debug.format': 'a string',
  'debug.address': 'a string',
  'debug.uid': 'a whole number',
  'debug.gid': 'a whole number',
  'grpc.address': 'a string',
  'grpc.uid': 'a whole number',
  'grpc.gid': 'a whole number',
  'metrics.address': 'a string',
  'metrics.grpc_histogram': 'true or false',
};

export function findTypeProblems(config: LoadedConfig): readonly ConfigProblem[] {
  const { files } = config;
  const ofFiles = files.flatMap(({ path, value }) =>
    Object.entries(rootKeys).flatMap(([key, kind]) =>
      problemAt(config, value, { path: key.split('.'), kind, file: path }),
    ),
  );
  const { handlers, settings } = effectiveConfig(config);
  const ofHandlers = Object.keys(handlers).flatMap((name) =>
    Object.entries(handlerKeys).flatMap(([key, kind]) =>
      problemAt(config, handlers, { path: [name, key], kind, places: runtimesPaths }),
    ),
  );
  const sections = [1, 2, 3].map(criSectionPath);
  const ofSection = sections.flatMap((section) =>
    Object.entries(criKeys).flatMap(([key, kind]) =>
      problemAt(
        config,
        section.reduce<TomlTable>((table, part) => tableIn(table, part), settings),
        {
          path: key.split('.'),
          kind,
          places: sections,
        },
      ),
    ),
  );
  return [...ofFiles, ...ofHandlers, ...ofSection];
}

interface Expected {
  readonly path: TomlPath;
  readonly kind: Kind;
  readonly file?: ConfigProblem['file'];
  /** Where in a file the path may start. */
  readonly places?: readonly TomlPath[];
}

function problemAt({ files }: LoadedConfig, table: TomlTable, expected: Expected): readonly ConfigProblem[] {
  const { path, kind, places = [[]] } = expected;
  const value = getIn(table, path);
  if (value === undefined || isOfKind(value, kind)) return [];
  const full = places.map((place) => [...place, ...path]);
  const source = files.findLast((each) => full.some((place) => isBad(getIn(each.value, place), kind)));
  const file = expected.file ?? source?.path;
  if (file === undefined) return [];
  const key = full.find((place) => isBad(getIn(source?.value ?? {}, place), kind)) ?? path;
  return [
    {
      code: 'KATA_ENGINE_CONFIG_TYPE',
      file,
      message: `${renderPath(key)} in ${file} is not ${kind}: containerd would not start`,
      hint: `correct ${renderPath(key)} in ${file}`,
    },
  ];
}

function isBad(value: TomlValue | undefined, kind: Kind): boolean {
  return value !== undefined && !isOfKind(value, kind);
}

function isOfKind(value: TomlValue, kind: Kind): boolean {
  switch (kind) {
    case 'a string':
      return typeof value === 'string';
    case 'true or false':
      return typeof value === 'boolean';
    case 'a whole number':
      return typeof value === 'bigint' || Number.isInteger(value);
    case 'a list of strings':
      return isArray(value) && value.every((each) => typeof each === 'string');
  }
}

function tableIn(table: TomlTable, name: string): TomlTable {
  const value = getIn(table, [name]);
  return isTable(value) ? value : {};
}
