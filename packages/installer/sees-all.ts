/** Whether this process sees the whole machine: in a container, what is not there may only not be mounted. */
import type { Host } from '@kata/host';

export function seesAll(host: Host): boolean {
  return host.socketPath('/') === '/';
}
