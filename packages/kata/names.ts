/** Every name that users and other programs see in a cluster. They stand here and nowhere else. */
import type { HandlerVariant } from './shim-options.ts';

export const labels = {
  /** `true` while at least one installation serves its handlers on the node. */
  kataRuntime: 'katacontainers.io/kata-runtime',
  /** One per installation, `<prefix><suffix or "default">`: `true` when it serves, `false` while it does not. */
  instancePrefix: 'kata-deploy.katacontainers.io/',
  /** One per served handler. */
  handlerPrefix: 'handler.katacontainers.io/',
} as const;

export const annotations = {
  /** JSON: phase, version, release, reason, time. */
  status: 'katacontainers.io/kata-deploy-status',
  approvedRelease: 'katacontainers.io/kata-approved-release',
} as const;

export function instanceLabel(suffix: string): string {
  return `${labels.instancePrefix}${suffix === '' ? 'default' : suffix}`;
}

export function handlerLabel(handler: string): string {
  return `${labels.handlerPrefix}${handler}`;
}

/** `/opt/kata` below the installation prefix, with the suffix of a further installation. */
export function installationDirectory(prefix: string, suffix: string): `/${string}` {
  const base = prefix.replace(/\/+$/, '');
  return `/${base.replace(/^\/+/, '')}${base === '' ? '' : '/'}opt/kata${suffix === '' ? '' : `-${suffix}`}`;
}

/** Where a release is; `prefix` is the directory of the installation. */
export function releaseDirectory(prefix: `/${string}`, release: string): `/${string}` {
  return `${prefix}/releases/${release}`;
}

/** The name under which an engine knows a shim. */
export function handlerName(shim: string, suffix: string, variant: HandlerVariant = 'plain'): string {
  const plain = `kata-${shim}${suffix === '' ? '' : `-${suffix}`}`;
  return variant === 'plain' ? plain : `${plain}-${variant}`;
}

/** The name under which the engine knows a snapshotter that was chosen by its kind: ours for nydus is one of its own. */
export function snapshotterName(kind: string, suffix: string): string {
  if (kind !== 'nydus') return kind;
  return `nydus-for-kata-tee${suffix === '' ? '' : `-${suffix}`}`;
}
