/** Every setting with its variable, flag and meaning: plain data that loads no library, so that `--help` is fast. */
import type { Kind, KindValue } from './kinds.ts';

export interface Field {
  /** Of the environment; one per architecture ends with its name, such as `_X86_64`. */
  readonly variable: string;
  readonly perArchitecture?: true;
  /** In commander's notation; only for what people type on a node. Its name is that of the field. */
  readonly flag?: string;
  readonly group: Group;
  readonly kind: Kind;
  /** In the syntax of the variable. */
  readonly default?: string;
  /** What holds when there is neither a value nor a default; nothing when absent. */
  readonly otherwise?: string;
  /** Set but empty is a value, and not the same as unset. */
  readonly emptyIsValue?: true;
  /** Not for the configuration file. */
  readonly notInFile?: true;
  /** Where the chart's values have it; nothing when the chart sets it by itself, or when it is not for pods. */
  readonly value?: string;
  /** One line for `--help`. */
  readonly meaning: string;
  /** More for the reference page. */
  readonly detail?: string;
}

export const groups = ['Runtimes', 'Installation', 'Snapshotters', 'Engine', 'Node', 'Program'] as const;
export type Group = (typeof groups)[number];

/** The keys are those of the configuration file. */
export const fields = {
  shims: {
    variable: 'SHIMS',
    value: 'shims.<shim>.enabled',
    perArchitecture: true,
    flag: '--shims <names>',
    group: 'Runtimes',
    kind: 'list',
    emptyIsValue: true,
    otherwise: 'the default shims of the architecture, see below',
    meaning: 'kinds of Kata runtime to install',
    detail: 'Set but empty means none, which is right only together with custom runtimes.',
  },
  defaultShim: {
    variable: 'DEFAULT_SHIM',
    value: 'defaultShim.<arch>',
    perArchitecture: true,
    group: 'Runtimes',
    kind: 'word',
    otherwise: '`qemu-runtime-rs` if enabled, else `qemu`, else the first enabled shim',
    meaning: 'the shim behind the RuntimeClass kata',
    detail: 'It must be enabled.',
  },
  hypervisorAnnotations: {
    variable: 'ALLOWED_HYPERVISOR_ANNOTATIONS',
    value: 'shims.<shim>.allowedHypervisorAnnotations',
    perArchitecture: true,
    group: 'Runtimes',
    kind: 'annotations',
    meaning: 'annotations that pods may use, beside those allowed already',
    detail:
      'Without a shim for all of them. Each is a regular expression in the syntax that Go and Rust share, and matches anywhere in the name: `^path$` allows `path` only.',
  },
  snapshotterMapping: {
    variable: 'SNAPSHOTTER_HANDLER_MAPPING',
    value: 'shims.<shim>.containerd.snapshotter',
    perArchitecture: true,
    group: 'Runtimes',
    kind: 'snapshotterPairs',
    otherwise: "the engine's own",
    meaning: "the engine's snapshotter, by shim",
    detail: 'A shim in Go cannot use `erofs` while `EROFS_MERGE_MODE` is `merged`.',
  },
  pullTypeMapping: {
    variable: 'PULL_TYPE_MAPPING',
    value: 'shims.<shim>.crio.guestPull',
    perArchitecture: true,
    group: 'Runtimes',
    kind: 'pullTypePairs',
    meaning: 'where CRI-O pulls images, by shim',
  },
  forceGuestPull: {
    variable: 'EXPERIMENTAL_FORCE_GUEST_PULL',
    value: 'shims.<shim>.containerd.forceGuestPull',
    perArchitecture: true,
    group: 'Runtimes',
    kind: 'list',
    meaning: 'shims that pull images in the guest whatever the snapshotter',
  },
  httpsProxy: {
    variable: 'AGENT_HTTPS_PROXY',
    value: 'shims.<shim>.agent.httpsProxy',
    group: 'Runtimes',
    kind: 'proxies',
    meaning: 'HTTPS proxy of the agent in the guest',
    detail: 'A shim that does not exist for the architecture of the node is passed over.',
  },
  noProxy: {
    variable: 'AGENT_NO_PROXY',
    value: 'shims.<shim>.agent.noProxy',
    group: 'Runtimes',
    kind: 'proxies',
    meaning: 'hosts that the agent in the guest reaches without a proxy',
    detail: 'A shim that does not exist for the architecture of the node is passed over.',
  },
  debug: {
    variable: 'DEBUG',
    value: 'debug',
    flag: '--debug',
    group: 'Runtimes',
    kind: 'boolean',
    default: 'false',
    meaning: 'add debug handlers and let the engine say more',
  },
  devkit: {
    variable: 'DEVKIT',
    value: 'devkit',
    group: 'Runtimes',
    kind: 'boolean',
    default: 'false',
    meaning: 'add devkit handlers; needs DEBUG',
  },
  customRuntimesEnabled: {
    variable: 'CUSTOM_RUNTIMES_ENABLED',
    value: 'customRuntimes.enabled',
    group: 'Runtimes',
    kind: 'boolean',
    default: 'false',
    meaning: 'add the handlers of custom-runtimes.list',
  },
  customConfigs: {
    variable: 'KATA_CUSTOM_CONFIGS',
    value: 'customRuntimes.runtimes',
    group: 'Runtimes',
    kind: 'path',
    default: '/custom-configs',
    meaning: 'folder of custom-runtimes.list and dropin-<name>.toml',
  },
  prefix: {
    variable: 'INSTALLATION_PREFIX',
    value: 'env.installationPrefix',
    flag: '--prefix <path>',
    group: 'Installation',
    kind: 'prefix',
    otherwise: '`/`',
    meaning: 'Kata goes to <prefix>/opt/kata[-<suffix>]',
  },
  suffix: {
    variable: 'MULTI_INSTALL_SUFFIX',
    value: 'env.multiInstallSuffix',
    flag: '--suffix <word>',
    group: 'Installation',
    kind: 'suffix',
    meaning: 'for a second installation on the same machine',
    detail:
      'The handlers get it, too; one that makes a handler look like that of another shim is refused (`debug`, `snp`).',
  },
  snapshotterSetup: {
    variable: 'EXPERIMENTAL_SETUP_SNAPSHOTTER',
    value: 'snapshotter.setup',
    group: 'Snapshotters',
    kind: 'snapshotters',
    meaning: 'snapshotters to set up',
  },
  erofsMergeMode: {
    variable: 'EROFS_MERGE_MODE',
    value: 'snapshotter.erofsMergeMode',
    group: 'Snapshotters',
    kind: 'mergeMode',
    default: 'merged',
    meaning: 'whether erofs merges the layers of an image',
  },
  erofsSnapshotterMode: {
    variable: 'EROFS_SNAPSHOTTER_MODE',
    value: 'snapshotter.erofsSnapshotterMode',
    group: 'Snapshotters',
    kind: 'snapshotterMode',
    default: 'disk',
    meaning: 'where erofs keeps what a container writes',
  },
  erofsDmverity: {
    variable: 'EROFS_DMVERITY',
    value: 'snapshotter.erofsDmverity',
    group: 'Snapshotters',
    kind: 'dmverity',
    default: 'false',
    meaning: 'whether erofs protects its layers by dm-verity',
  },
  containerdConfigFileName: {
    variable: 'CONTAINERD_CONFIG_FILE_NAME',
    value: 'containerd.configFileName',
    group: 'Engine',
    kind: 'fileName',
    default: 'config.toml',
    meaning: "name of containerd's configuration file",
  },
  containerdUserDropIn: {
    variable: 'CONTAINERD_USER_DROP_IN_SOURCE_FILE',
    value: 'containerd.userDropIn',
    group: 'Engine',
    kind: 'path',
    meaning: 'file with TOML of yours for containerd',
  },
  untrustedShim: {
    variable: 'KATA_UNTRUSTED_SHIM',
    value: 'containerd.untrustedShim',
    group: 'Engine',
    kind: 'word',
    otherwise: 'there is no such handler',
    meaning: 'the shim for pods that are marked as untrusted',
    detail:
      'For pods with the annotation `io.kubernetes.cri.untrusted-workload`: containerd starts them by a handler `untrusted`. The shim must be enabled.',
  },
  distribution: {
    variable: 'K8S_DISTRIBUTION',
    value: 'k8sDistribution',
    group: 'Engine',
    kind: 'word',
    otherwise: 'as found on the node',
    meaning: 'k8s, k3s, rke2, k0s or microk8s: what the node must turn out to be',
    detail: 'Any other word means the same as `k8s`.',
  },
  containerRuntimeVersion: {
    variable: 'CONTAINER_RUNTIME_VERSION',
    group: 'Engine',
    kind: 'line',
    otherwise: 'as found on the node',
    meaning: 'engine and version as the node object has them',
    detail: 'For example `containerd://2.2.1`.',
  },
  nodeName: {
    variable: 'NODE_NAME',
    flag: '--node-name <name>',
    group: 'Node',
    kind: 'name',
    otherwise: 'no cluster is asked',
    meaning: 'the node object of this machine',
  },
  podNamespace: {
    variable: 'POD_NAMESPACE',
    group: 'Node',
    kind: 'name',
    otherwise: "that of the pod's service account, else `kube-system`",
    meaning: 'namespace of our own pod',
  },
  podUid: {
    variable: 'POD_UID',
    group: 'Node',
    kind: 'word',
    otherwise: 'not reported',
    meaning: 'uid of our own pod',
  },
  daemonSetName: {
    variable: 'DAEMONSET_NAME',
    group: 'Node',
    kind: 'name',
    default: 'kata-deploy',
    meaning: 'our own DaemonSet, whose end means removal',
  },
  startupTaints: {
    variable: 'STARTUP_TAINTS',
    value: 'startupTaints',
    group: 'Node',
    kind: 'taints',
    meaning: 'taints to lift when Kata is served',
    detail: 'Without an effect, those of every effect.',
  },
  nodeMachineId: {
    variable: 'NODE_MACHINE_ID',
    group: 'Node',
    kind: 'word',
    otherwise: 'not compared',
    meaning: 'the machine-id that this machine must have',
  },
  drift: {
    variable: 'DRIFT',
    value: 'drift',
    group: 'Node',
    kind: 'driftMode',
    default: 'repair',
    meaning: 'what follows when others change what was installed',
    detail: '`repair` restores the installed release; `report` only says so on the node.',
  },
  terminationGraceSeconds: {
    variable: 'TERMINATION_GRACE_SECONDS',
    group: 'Node',
    kind: 'seconds',
    default: '600',
    meaning: 'time from SIGTERM to SIGKILL',
    detail:
      "The pod's `terminationGracePeriodSeconds`: as long the decision asks an API server that is away.",
  },
  healthPort: {
    variable: 'HEALTH_PORT',
    group: 'Node',
    kind: 'port',
    default: '8090',
    meaning: 'port of /healthz and /readyz',
  },
  helmPostDeleteHook: {
    variable: 'HELM_POST_DELETE_HOOK',
    group: 'Node',
    kind: 'boolean',
    default: 'false',
    meaning: 'cleanup ends at once: Helm has removed everything',
  },
  hostOs: {
    variable: 'HOST_OS',
    value: 'env.hostOS',
    group: 'Node',
    kind: 'line',
    meaning: 'without effect',
    detail: "Accepted because upstream's chart sets it.",
  },
  hostRoot: {
    variable: 'HOST_ROOT',
    flag: '--host-root <path>',
    group: 'Program',
    kind: 'path',
    default: '/',
    meaning: "where the machine's root is mounted",
  },
  payload: {
    variable: 'KATA_PAYLOAD',
    flag: '--payload <path>',
    group: 'Program',
    kind: 'path',
    default: '/opt/kata-artifacts',
    meaning: 'folder of what is installed',
  },
  helper: {
    variable: 'KATA_HELPER',
    group: 'Program',
    kind: 'path',
    default: '/usr/bin/kata-helper',
    meaning: 'path of kata-helper',
  },
  config: {
    variable: 'KATA_DEPLOY_CONFIG',
    flag: '--config <path>',
    group: 'Program',
    kind: 'path',
    notInFile: true,
    meaning: 'YAML or JSON file with settings',
  },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof fields;

/** The same table, each row with all that a row may have. */
export const fieldList: readonly (readonly [FieldName, Field])[] = Object.entries(fields) as [
  FieldName,
  Field,
][];

export type FieldValue<Name extends FieldName> =
  | KindValue<(typeof fields)[Name]['kind']>
  | ((typeof fields)[Name] extends { readonly default: string } ? never : undefined);

/** Its full name for one architecture, or with `<ARCH>` for all. */
export function variableName(field: Field, architecture = '<ARCH>'): string {
  return field.perArchitecture === true ? `${field.variable}_${architecture.toUpperCase()}` : field.variable;
}
