/** PURE: the expected state of a node after each step of the soak, without any code of the product. */

export const payloads = ['3.24.0', '3.25.0'] as const;
export type Payload = (typeof payloads)[number];

/** Settings of an installation: their variables, and the handlers that they configure. */
export const settings = {
  usual: { env: { SHIMS_X86_64: 'qemu clh' }, handlers: ['kata-qemu', 'kata-clh'] },
  'one shim': { env: { SHIMS_X86_64: 'qemu' }, handlers: ['kata-qemu'] },
  annotations: {
    env: { SHIMS_X86_64: 'qemu clh', ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: 'qemu:kernel_params' },
    handlers: ['kata-qemu', 'kata-clh'],
  },
  proxy: {
    env: { SHIMS_X86_64: 'qemu clh', AGENT_HTTPS_PROXY: 'http://proxy.example:3128' },
    handlers: ['kata-qemu', 'kata-clh'],
  },
  debug: {
    env: { SHIMS_X86_64: 'qemu clh', DEBUG: 'true' },
    handlers: ['kata-qemu', 'kata-clh', 'kata-qemu-debug', 'kata-clh-debug'],
  },
} as const satisfies Record<
  string,
  { readonly env: Readonly<Record<string, string>>; readonly handlers: readonly string[] }
>;
export type SettingsName = keyof typeof settings;
export const settingsNames = Object.keys(settings) as SettingsName[];

/** Handlers that pods of the soak run with. */
export const podHandlers = ['kata-qemu', 'kata-clh'] as const;
type PodHandler = (typeof podHandlers)[number];

/** Edits of another program in containerd's files; each is made and undone. */
export const editNames = ['comment', 'runtime team-a', 'runtime team-b', 'timeout', 'drop-in'] as const;
export type EditName = (typeof editNames)[number];

/** Files and texts of ours that another program removes. */
export const lossNames = ['link bin', 'link current', 'text in the main file', 'drop-in'] as const;
export type LossName = (typeof lossNames)[number];

export interface Release {
  readonly payload: Payload;
  readonly settings: SettingsName;
}

export interface Pod {
  readonly name: string;
  /** Undefined: an ordinary pod. */
  readonly handler: PodHandler | undefined;
}

export interface NodeModel {
  readonly name: string;
  /** Whether the main file of its engine imports `/etc/containerd/conf.d`. */
  readonly importsConfD: boolean;
  /** Whether our handlers are in a drop-in. */
  readonly hasDropIn: boolean;
  readonly current: Release | undefined;
  /** `unknown`: the model does not predict it. */
  readonly previous: Release | 'unknown' | undefined;
  /** A removal waits for pods. */
  readonly isPending: boolean;
  readonly pods: readonly Pod[];
  readonly edits: readonly EditName[];
  /** The other program had a file in `/etc/containerd/conf.d`: the empty folder may belong to either program. */
  readonly sharesConfD: boolean;
}

export type Step = { readonly node: string } & (
  | { readonly kind: 'install'; readonly release: Release; readonly meanwhile?: PodChange }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'pod'; readonly change: PodChange }
  /** `thenRestart`: the other program also restarts the engine. */
  | {
      readonly kind: 'edit';
      readonly edit: EditName;
      readonly isThere: boolean;
      readonly thenRestart: boolean;
    }
  | { readonly kind: 'restart'; readonly what: 'engine' | 'kubelet' | 'node' }
  /** On a separate file system without free space. */
  | { readonly kind: 'install on a full disk'; readonly release: Release }
  | { readonly kind: 'remove on a full disk' }
  /**
   * Nodes of the lab share the machine's clock, which does not change: instead, the engine's files get times as after a
   * change of the clock. A repeated installation must restart nothing.
   */
  | { readonly kind: 'file times as of another clock'; readonly days: number }
  /** The waiter detects it, and it is repaired. */
  | { readonly kind: 'drift'; readonly loss: LossName }
);

/** Kinds of steps that are counted. */
export const stepNames = [
  ...(['install', 'install while a pod starts', 'install while a pod ends', 'rollback', 'remove'] as const),
  ...(['pod starts', 'pod ends', 'edit', 'edit and restart', 'restart of engine'] as const),
  ...(['restart of kubelet', 'restart of node', 'install on a full disk', 'remove on a full disk'] as const),
  ...(['file times as of another clock', 'drift'] as const),
];
export type StepName = (typeof stepNames)[number];

export function nameOf(step: Step): StepName {
  switch (step.kind) {
    case 'install':
      return step.meanwhile === undefined ? 'install' : `install while a pod ${step.meanwhile.verb}`;
    case 'pod':
      return `pod ${step.change.verb}`;
    case 'edit':
      return step.thenRestart ? 'edit and restart' : 'edit';
    case 'restart':
      return `restart of ${step.what}`;
    case 'rollback':
    case 'remove':
    case 'install on a full disk':
    case 'remove on a full disk':
    case 'file times as of another clock':
    case 'drift':
      return step.kind;
  }
}

export type PodChange =
  | { readonly verb: 'starts'; readonly pod: Pod }
  | { readonly verb: 'ends'; readonly pod: Pod };

export function startModel(
  name: string,
  { importsConfD, schema }: { readonly importsConfD: boolean; readonly schema: 2 | 3 },
): NodeModel {
  return {
    name,
    importsConfD,
    hasDropIn: schema === 3,
    current: undefined,
    previous: undefined,
    isPending: false,
    pods: [],
    edits: [],
    sharesConfD: false,
  };
}

export function kataPods(model: NodeModel): readonly Pod[] {
  return model.pods.filter((pod) => pod.handler !== undefined);
}

/** Handlers that the engine must serve: those of the release, and those of running pods. */
export function mustServe(model: NodeModel): readonly string[] {
  const used = kataPods(model).flatMap((pod) => pod.handler ?? []);
  const wanted: readonly string[] =
    model.current === undefined || model.isPending ? [] : settings[model.current.settings].handlers;
  return [...new Set([...wanted, ...used])].toSorted();
}

/** The expected exit code of the step's command; undefined when it runs none. */
export function expectedExit(model: NodeModel, step: Step): number | undefined {
  switch (step.kind) {
    case 'install':
    case 'file times as of another clock':
      return 0;
    case 'rollback':
      return model.previous === undefined ? 3 : 0;
    case 'remove':
    case 'remove on a full disk':
      return kataPods(model).length > 0 ? 6 : 0;
    case 'install on a full disk':
      return 3;
    case 'pod':
    case 'edit':
    case 'restart':
    case 'drift':
      return undefined;
  }
}

/** The node after the step. */
export function after(model: NodeModel, step: Step): NodeModel {
  switch (step.kind) {
    case 'install':
      return changePods(installed(model, step.release), step.meanwhile);
    case 'rollback':
      return model.previous === undefined || model.previous === 'unknown'
        ? model
        : { ...model, current: model.previous, previous: model.current };
    case 'remove':
    case 'remove on a full disk':
      return removed(model);
    case 'pod':
      return changePods(model, step.change);
    case 'edit': {
      const others = model.edits.filter((edit) => edit !== step.edit);
      const edits = step.isThere ? [...others, step.edit] : others;
      return { ...model, edits, sharesConfD: model.sharesConfD || edits.includes('drop-in') };
    }
    case 'restart':
    case 'install on a full disk':
    case 'file times as of another clock':
    case 'drift':
      return model;
  }
}

function installed(model: NodeModel, release: Release): NodeModel {
  const { current, isPending } = model;
  if (current === undefined) return { ...model, current: release, previous: undefined, isPending: false };
  if (isPending) return { ...model, current: release, previous: 'unknown', isPending: false };
  return isSame(current, release) ? model : { ...model, current: release, previous: current };
}

function removed(model: NodeModel): NodeModel {
  if (model.current === undefined) return model;
  if (kataPods(model).length > 0) return { ...model, isPending: true };
  return { ...model, current: undefined, previous: undefined, isPending: false };
}

function changePods(model: NodeModel, change: PodChange | undefined): NodeModel {
  if (change === undefined) return model;
  const others = model.pods.filter(({ name }) => name !== change.pod.name);
  return { ...model, pods: change.verb === 'starts' ? [...others, change.pod] : others };
}

export function isSame(a: Release, b: Release): boolean {
  return a.payload === b.payload && a.settings === b.settings;
}
