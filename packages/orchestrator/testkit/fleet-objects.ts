/** Objects of a cluster with kata-deploy, and a context for it. */
import type { Clock } from '@kata/core';
import { systemClock } from '@kata/core';
import type { NodeStatus } from '@kata/node';
import { type Claim, defaultPolicy, formatClaim } from '@kata/rollout';
import { releases } from '@kata/rollout/testkit';
import type { FleetContext } from '../context.ts';
import type { LifecycleEvent } from '../events.ts';
import type { RunPlan } from '../run-record.ts';
import type { RunValues } from '../run-values.ts';
import type { FakeCluster, FakeObject } from './fake-cluster.ts';

export { claimOf, releases } from '@kata/rollout/testkit';

export const namespace = 'kube-system';

export interface NodeOptions {
  readonly status?: Partial<NodeStatus> | null;
  readonly approved?: string;
  readonly claim?: Claim;
  readonly isCordoned?: boolean;
  readonly isReady?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
}

export function statusOf(changes: Partial<NodeStatus> = {}): NodeStatus {
  return {
    phase: 'installed',
    reason: 'Installed',
    version: '',
    release: '',
    time: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

/** Labelled for the DaemonSet. */
export function nodeObject(name: string, options: NodeOptions = {}): FakeObject {
  const { status = {}, approved, claim, isCordoned = false, isReady = true, labels, allocatable } = options;
  return {
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, kata: 'true', ...labels },
      annotations: {
        ...(status === null
          ? {}
          : { 'katacontainers.io/kata-deploy-status': JSON.stringify(statusOf(status)) }),
        ...(approved === undefined ? {} : { 'katacontainers.io/kata-approved-release': approved }),
        ...(claim === undefined ? {} : { 'katacontainers.io/kata-lifecycle-claim': formatClaim(claim) }),
      },
    },
    spec: isCordoned ? { unschedulable: true } : {},
    status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }], allocatable },
  };
}

export interface BoundPodOptions {
  readonly node: string;
  readonly requests: Readonly<Record<string, string>>;
  readonly metadata?: object;
  readonly spec?: object;
  readonly phase?: string;
}

/** A user's pod in the namespace `shop`. */
export function boundPod(name: string, options: BoundPodOptions): FakeObject {
  const { node, requests, metadata, spec, phase = 'Running' } = options;
  return {
    metadata: { name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    spec: { nodeName: node, containers: [{ name: 'c', resources: { requests } }], ...spec },
    status: { phase },
  };
}

export function daemonSetObject(): FakeObject {
  return {
    metadata: {
      name: 'kata-deploy',
      namespace,
      uid: 'daemonset',
      generation: 1,
      labels: { 'app.kubernetes.io/instance': 'kata-deploy' },
      annotations: { 'deprecated.daemonset.template.generation': '1' },
    },
    spec: {
      selector: { matchLabels: { name: 'kata-deploy' } },
      template: { spec: { nodeSelector: { kata: 'true' }, tolerations: [{ operator: 'Exists' }] } },
    },
    status: { observedGeneration: 1 },
  };
}

export function managedConfigMap(accepted = ''): FakeObject {
  return { metadata: { name: 'kata-lifecycle', namespace }, data: { accepted } };
}

/** A user's verification pod. */
export const verificationPod = `apiVersion: v1
kind: Pod
metadata:
  name: \${TEST_POD}
spec:
  runtimeClassName: kata-qemu
  containers:
    - name: verify
      image: busybox
`;

export function planOf(changes: Partial<RunPlan> = {}): RunPlan {
  return {
    id: 'r1',
    intent: 'upgrade',
    created: '2026-01-01T00:00:00.000Z',
    release: 'kata-deploy',
    daemonSet: 'kata-deploy',
    suffix: '',
    podLabels: { name: 'kata-deploy' },
    nodes: [],
    policy: defaultPolicy,
    verification: { pod: verificationPod, namespace: 'default', timeoutMs: 180_000 },
    helm: {
      chart: { chart: 'oci://registry.example/kata-deploy' },
      version: '3.25.0',
      before: {
        revision: 1,
        chart: { name: 'kata-deploy', version: '3.24.0', appVersion: '3.24.0' },
      },
    },
    ...changes,
  };
}

/** The record of a run; `data`: also its stage, outcome and evidence. */
export function runRecord(changes: Partial<RunPlan>, data: Readonly<Record<string, string>>): FakeObject {
  const plan = planOf(changes);
  return {
    metadata: {
      name: `kata-lifecycle-run-${plan.id}`,
      namespace,
      labels: {
        'katacontainers.io/kata-lifecycle-run': plan.id,
        'katacontainers.io/kata-lifecycle-installation': 'default',
      },
    },
    data: { plan: JSON.stringify(plan), ...data },
  };
}

/** The values of that run. */
export function runSecret(id: string, values: RunValues = { setValues: '', before: {} }): FakeObject {
  const text = Buffer.from(JSON.stringify(values)).toString('base64');
  return { metadata: { name: `kata-lifecycle-run-${id}`, namespace }, data: { values: text } };
}

export function leaseObject(holder: string, renewed: Date): FakeObject {
  return {
    metadata: { name: 'kata-lifecycle', namespace },
    spec: { holderIdentity: holder, leaseDurationSeconds: 15, renewTime: renewed.toISOString() },
  };
}

export const both = { current: releases.before, offered: releases.target } as const;

export interface TestContext extends FleetContext {
  readonly events: readonly (LifecycleEvent & { readonly node?: string })[];
}

export function contextOf(cluster: FakeCluster, clock: Clock = systemClock): TestContext {
  const events: (LifecycleEvent & { readonly node?: string })[] = [];
  return {
    api: cluster.api.connect({ clock }).api,
    clock,
    installation: { namespace, release: 'kata-deploy', daemonSet: 'kata-deploy', suffix: '' },
    emit: (node) => (event) => void events.push({ ...event, ...(node === undefined ? {} : { node }) }),
    events,
  };
}
