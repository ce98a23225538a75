/** Every name that users and other programs see in a cluster. They are defined only here. */
import type { HandlerVariant } from './shim-options.ts';

export const labels = {
  /** `true` while at least one installation serves its handlers on the node. */
  kataRuntime: 'katacontainers.io/kata-runtime',
  /** One per installation, `<prefix><suffix or "default">`: `true` when it serves, `false` while it does not. */
  instancePrefix: 'kata-deploy.katacontainers.io/',
  /** One per served handler. */
  handlerPrefix: 'handler.katacontainers.io/',
  /** `true`, set by users: the node may be upgraded when a run has no other selection. */
  upgradeWindow: 'katacontainers.io/kata-upgrade-window',
  /** The name that upstream's newer chart gives it. */
  upgradeWindowAlias: 'katacontainers.io/kata-lifecycle-manager-window',
} as const;

export const annotations = {
  /** JSON: see `NodeStatus`. */
  status: 'katacontainers.io/kata-deploy-status',
  approvedRelease: 'katacontainers.io/kata-approved-release',
  /** Of `kata-lifecycle`: the phase of the node in its run; also a label. */
  upgradeStatus: 'katacontainers.io/kata-upgrade-status',
  /** The name that upstream's newer chart gives it; there is no label of this name. */
  upgradeStatusAlias: 'katacontainers.io/kata-lifecycle-manager-status',
  /** Of `kata-lifecycle`: the version that was verified last; also a label. */
  currentVersion: 'katacontainers.io/kata-current-version',
  /** Of `kata-lifecycle`: JSON, what its run has recorded on the node. */
  lifecycleClaim: 'katacontainers.io/kata-lifecycle-claim',
} as const;

/** How DaemonSets of other installers are recognized, and how ours declare that they are not among them. */
export const legacyDaemonSet = {
  nameContains: 'kata-deploy',
  /** Annotation `true`: its installer writes its own mark on each node. */
  writesMarks: 'kata-deploy.katacontainers.io/writes-marks',
} as const;

/** The installer, as field manager and in names of Events. */
export const programName = 'kata-deploy';
/** `reportingController` of its Events. */
export const controllerName = 'katacontainers.io/kata-deploy';

/** Its presence in the namespace of an installation puts that installation under lifecycle management. */
export function lifecycleConfigMap(suffix: string): string {
  return withSuffix('kata-lifecycle', suffix);
}

/** Lease of the process, or workflow, that runs an upgrade of the installation. */
export function lifecycleLease(suffix: string): string {
  return withSuffix('kata-lifecycle', suffix);
}

/** On the run records and verification pods of `kata-lifecycle`: the id of the run. */
export const lifecycleRunLabel = 'katacontainers.io/kata-lifecycle-run';
/** On a verification pod: its node and number within the run. */
export const verificationAnnotation = 'katacontainers.io/kata-lifecycle-verification';

/** ConfigMap with plan, state and evidence of a run. */
export function lifecycleRunConfigMap(run: string): string {
  return `kata-lifecycle-run-${run}`;
}

/** Of Events about nodes. The meaning of a code never changes; `npm run reference` writes their page. */
export const eventReasons = {
  Installed: {
    type: 'Normal',
    meaning: 'Kata was installed on a node that had no release of this installation',
  },
  Upgraded: { type: 'Normal', meaning: 'a newer version than before is active' },
  Downgraded: { type: 'Normal', meaning: 'an older version than before is active' },
  Changed: {
    type: 'Normal',
    meaning: 'another release of the same version is active: other settings, or another payload',
  },
  RolledBack: { type: 'Normal', meaning: "an approved release from the node's store is active again" },
  Held: {
    type: 'Normal',
    meaning:
      'the release is not approved for this node, or an administrator holds the node: nothing new was installed',
  },
  OfferWaits: {
    type: 'Normal',
    meaning:
      'under lifecycle management: the installer has another release than the one that is approved for this node, which stays active',
  },
  CleanupPending: {
    type: 'Warning',
    meaning:
      'the removal is pending while Kata sandboxes are running, or while the container runtime does not answer; the Event names the step that finishes it',
  },
  Removed: { type: 'Normal', meaning: 'nothing of this installation is left on the node' },
  InstallFailed: {
    type: 'Warning',
    meaning: 'the installation failed and was rolled back; the Event names the error code',
  },
  InstallIncomplete: {
    type: 'Warning',
    meaning: 'the installation failed and the rollback failed; the next run completes it',
  },
  Recovered: {
    type: 'Normal',
    meaning:
      'the installation of the current release had failed; the release is complete and its handlers are served now',
  },
  Drifted: {
    type: 'Warning',
    meaning: 'another program changed or removed parts of the installation; the Event names them',
  },
  DriftRepaired: { type: 'Normal', meaning: 'the installed release was restored' },
  NodeReturned: {
    type: 'Warning',
    meaning:
      'the node object had lost the labels, for example because it was deleted and created again; they are restored',
  },
  RemovalFailed: {
    type: 'Warning',
    meaning: 'the removal failed; the Event names the error code and the step that resumes it',
  },
} as const satisfies Readonly<
  Record<string, { readonly type: 'Normal' | 'Warning'; readonly meaning: string }>
>;

export type EventReason = keyof typeof eventReasons;

/** `reason` of the status annotation, by its `phase`. */
export const statusReasons = {
  Installed: { phase: 'installed', meaning: 'the handlers are served' },
  NotApproved: { phase: 'held', meaning: 'no release is approved for this node' },
  ApprovedReleaseMissing: {
    phase: 'held',
    meaning: "the approved release is neither the payload nor in the node's store",
  },
  HeldByAdministrator: {
    phase: 'held',
    meaning: 'held by `kata-deploy rollback --hold`; `kata-deploy resume` ends that',
  },
  Removing: { phase: 'cleanup-pending', meaning: 'the removal is running, or was interrupted' },
  RemovalFailed: {
    phase: 'cleanup-pending',
    meaning: 'the last attempt to remove the installation failed; the next one resumes it',
  },
  SandboxesLive: { phase: 'cleanup-pending', meaning: 'Kata sandboxes are still running; their files stay' },
  RuntimeUnresponsive: {
    phase: 'cleanup-pending',
    meaning: 'the container runtime does not answer; nothing is removed until it does',
  },
  InstallFailed: {
    phase: 'failed',
    meaning: 'the installation failed; nothing was changed, or the changes were rolled back',
  },
  InstallIncomplete: {
    phase: 'incomplete',
    meaning: 'the installation failed and the rollback failed; the next run completes it',
  },
  Drifted: {
    phase: 'drifted',
    meaning: 'another program changed or removed parts of the installation; `message` names them',
  },
} as const satisfies Readonly<Record<string, { readonly phase: string; readonly meaning: string }>>;

export type StatusReason = keyof typeof statusReasons;

/** Where an installation reports its status on the node. */
export function statusAnnotation(suffix: string): string {
  return withSuffix(annotations.status, suffix);
}

/** Where the approved release of a managed node is named. */
export function approvedAnnotation(suffix: string): string {
  return withSuffix(annotations.approvedRelease, suffix);
}

function withSuffix(name: string, suffix: string): string {
  return suffix === '' ? name : `${name}-${suffix}`;
}

export function instanceLabel(suffix: string): string {
  return `${labels.instancePrefix}${suffix === '' ? 'default' : suffix}`;
}

export function handlerLabel(handler: string): string {
  return `${labels.handlerPrefix}${handler}`;
}

/** `/opt/kata` below the installation prefix, with the suffix of a further installation. */
export function installationDirectory(prefix: string, suffix: string): `/${string}` {
  const parts = prefix.split('/').filter((part) => part !== '' && part !== '.');
  return `/${[...parts, 'opt', `kata${suffix === '' ? '' : `-${suffix}`}`].join('/')}`;
}

/** Where a release is; `prefix` is the directory of the installation. */
export function releaseDirectory(prefix: `/${string}`, release: string): `/${string}` {
  return `${prefix}/releases/${release}`;
}

/** The name of a shim in the engine's configuration. */
export function handlerName(shim: string, suffix: string, variant: HandlerVariant = 'plain'): string {
  const plain = `kata-${shim}${suffix === '' ? '' : `-${suffix}`}`;
  return variant === 'plain' ? plain : `${plain}-${variant}`;
}

/** The name in the engine's configuration of a snapshotter chosen by kind: our nydus has its own name. */
export function snapshotterName(kind: string, suffix: string): string {
  if (kind !== 'nydus') return kind;
  return `nydus-for-kata-tee${suffix === '' ? '' : `-${suffix}`}`;
}
