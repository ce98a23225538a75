/** The drop-in with the kernel parameters of the guest, which also configure its agent. */
import { getIn, type TomlTable } from '@kata/toml';
import type { ShimOptions } from '../shim-options.ts';

/** The shipped parameters come first. Undefined when there is nothing to add: the guest's measurements must not change. */
export function kernelParamsDropIn(
  shipped: TomlTable,
  hypervisor: string,
  options: Pick<ShimOptions, 'httpsProxy' | 'noProxy'> | undefined,
  isDebugging: boolean,
): TomlTable | undefined {
  const added = [
    ...(options?.httpsProxy === undefined ? [] : [`agent.https_proxy=${options.httpsProxy}`]),
    ...(options?.noProxy === undefined ? [] : [`agent.no_proxy=${options.noProxy}`]),
    ...(isDebugging ? ['agent.log=debug', 'initcall_debug'] : []),
  ];
  if (added.length === 0) return undefined;
  const present = getIn(shipped, ['hypervisor', hypervisor, 'kernel_params']);
  const words = typeof present === 'string' && present.trim() !== '' ? [present.trim(), ...added] : added;
  return { hypervisor: { [hypervisor]: { kernel_params: words.join(' ') } } };
}
