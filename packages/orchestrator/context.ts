/** What a run gets from its program: the cluster, the installation that it manages, a clock, and where events go. */
import type { Clock } from '@kata/core';
import type { ApiRequests } from '@kata/kube';
import type { Emit } from '@kata/report';
import type { LifecycleEvent } from './events.ts';

export interface FleetContext {
  readonly api: ApiRequests;
  readonly installation: Installation;
  /** Uid of the workflow whose step this process is: its pods are the run itself, and are not evicted. */
  readonly workflow?: string;
  readonly clock: Clock;
  /** An event of the run, or of one of its nodes. */
  readonly emit: (node?: string) => Emit<LifecycleEvent>;
}

/** One Helm release of kata-deploy. */
export interface Installation {
  readonly namespace: string;
  readonly release: string;
  readonly daemonSet: string;
  /** Empty for the default installation. */
  readonly suffix: string;
}
