/** The drop-in with what the guest's kernel and agent are told at boot. */
import { getIn, type TomlTable } from '@kata/toml';
import type { ShimOptions } from '../shim-options.ts';

/** What is shipped comes first. Undefined when there is nothing to add: measurements of the guest stay as they are. */
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
