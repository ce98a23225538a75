/** Kills an upgrade of a cluster before or after one of its writes. */
import type { KillingProxy, Trigger } from './killing-proxy.ts';
import type { LifecycleDriver } from './lifecycle.ts';

export interface KilledUpgrade extends Pick<Trigger, 'index' | 'moment'> {
  readonly version: string;
  /** The YAML of the verification pod. */
  readonly pod: string;
}

/** The program uses the proxy. Returns false when the upgrade ended before that write. */
export async function killUpgrade(
  lifecycle: LifecycleDriver,
  proxy: KillingProxy,
  { version, pod, index, moment }: KilledUpgrade,
): Promise<boolean> {
  let isKilled = false;
  const onStart = (kill: () => void): void => {
    proxy.arm({
      index,
      moment,
      kill: () => {
        isKilled = true;
        kill();
      },
    });
  };
  await lifecycle.upgrade(version, pod, { onStart });
  proxy.arm();
  return isKilled;
}
