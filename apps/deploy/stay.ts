/** Does its work, then answers probes until it is told to end. */
import { HealthServer } from './health-server.ts';
import type { Termination } from './termination.ts';

export interface StayOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly termination: Termination;
  /** Told to end, it ends early and well. */
  readonly work: () => Promise<void>;
  readonly onReady: (port: number) => void;
  readonly atEnd: () => Promise<void>;
}

export async function stay(options: StayOptions): Promise<void> {
  const { port, termination, work, onReady, atEnd } = options;
  // From the beginning: an installation may take longer than kubelet waits for a first answer.
  await using health = await HealthServer.listen(port);
  await work();
  if (!termination.signal.aborted) {
    health.setReady();
    onReady(health.port);
    await termination.told;
  }
  await atEnd();
}
