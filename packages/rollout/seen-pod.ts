/** What is seen of a pod; objects of `@kata/kube` are such pods. */

export type SeenContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running' }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      readonly signal: number | undefined;
      readonly reason: string;
      readonly message: string;
    };

export interface SeenContainer {
  readonly name: string;
  readonly isInit: boolean;
  readonly restarts: number;
  readonly state: SeenContainerState;
}

export interface SeenPod {
  /** Undefined before scheduling. */
  readonly nodeName: string | undefined;
  readonly beingDeleted: boolean;
  /** `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`. */
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  /** Empty until kubelet has written their status. */
  readonly containers: readonly SeenContainer[];
}

/** An Event about the pod. */
export interface PodEvent {
  readonly reason: string;
  readonly message: string;
  /** Of its last occurrence. */
  readonly time: Date;
  readonly count: number;
}
