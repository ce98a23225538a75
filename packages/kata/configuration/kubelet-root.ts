/** The drop-in for a kubelet with another root directory, such as k0s. */
import { getIn, type TomlTable } from '@kata/toml';
import type { Shim } from '../shims.ts';

const usualRoot = '/var/lib/kubelet';

/**
 * Shims in Rust recognize ConfigMap volumes by their path; only those whose shipped configuration has the setting read it.
 * Undefined when the shim has no setting that depends on the root.
 */
export function kubeletRootDropIn(
  shipped: TomlTable,
  shim: Shim,
  root: string | undefined,
): TomlTable | undefined {
  if (root === undefined || root === usualRoot) return undefined;
  const readsRoot = shim.language === 'go' || getIn(shipped, ['runtime', 'kubelet_root_dir']) !== undefined;
  const socket = getIn(shipped, ['runtime', 'pod_resource_api_sock']);
  const settings = {
    ...(readsRoot ? { kubelet_root_dir: root } : {}),
    // An empty path disables the feature.
    ...(typeof socket === 'string' && socket.startsWith(`${usualRoot}/`)
      ? { pod_resource_api_sock: `${root}${socket.slice(usualRoot.length)}` }
      : {}),
  };
  return Object.keys(settings).length === 0 ? undefined : { runtime: settings };
}
