/** Does its work, then answers probes until it is terminated (SIGTERM). */
import { HealthServer } from './health-server.ts';
import type { Termination } from './termination.ts';

export interface StayOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly termination: Termination;
  /** On SIGTERM it stops early, without an error. */
  readonly work: () => Promise<void>;
  readonly onReady: (port: number) => void;
  readonly atEnd: () => Promise<void>;
}

export async function stay(options: StayOptions): Promise<void> {
  const { port, termination, work, onReady, atEnd } = options;
  // Before the work: an installation may take longer than kubelet waits for the first answer.
  await using health = await HealthServer.listen(port);
  await work();
  if (!termination.signal.aborted) {
    health.setReady();
    onReady(health.port);
    await termination.told;
  }
  await atEnd();
}
