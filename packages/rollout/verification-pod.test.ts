import { expect, test } from 'vitest';
import { parseVerificationPod } from './parse-verification-pod.ts';
import { seedPods } from './testkit/seed-pods.ts';
import { renderVerificationPod, type VerificationPlace } from './verification-pod.ts';

const place: VerificationPlace = {
  node: { name: 'w-1', labels: { 'kubernetes.io/hostname': 'host-1' }, taints: [] },
  namespace: 'checks',
  name: 'kata-verify-w-1-0123456789',
};
const inTerm = (...values: readonly string[]): object => ({ key: 'metadata.name', operator: 'In', values });
const required = (...nodeSelectorTerms: readonly object[]): object => ({
  requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
});
const cordon = { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' };
const containers = [{ name: 'x' }];

function render(text: string, node: Partial<VerificationPlace['node']> = {}): object {
  return renderVerificationPod(parseVerificationPod(text), { ...place, node: { ...place.node, ...node } });
}

/** What rendering makes of a spec. */
function specOf(spec: object, node: Partial<VerificationPlace['node']> = {}): unknown {
  const pod = { apiVersion: 'v1', kind: 'Pod', spec: { containers, ...spec } };
  return (render(JSON.stringify(pod), node) as { readonly spec: unknown }).spec;
}

test("the seeds' smoke test", () => {
  expect(render(seedPods.smoke)).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kata-verify-w-1-0123456789', namespace: 'checks' },
    spec: {
      runtimeClassName: 'kata-qemu',
      restartPolicy: 'Never',
      nodeSelector: { 'kubernetes.io/hostname': 'host-1' },
      affinity: { nodeAffinity: required({ matchFields: [inTerm('w-1')] }) },
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'verify',
          image: 'quay.io/kata-containers/alpine-bash-curl:latest',
          command: ['uname', '-a'],
        },
      ],
    },
  });
});

test("the seeds' GPU test, which has no toleration, on a node with a taint", () => {
  expect(render(seedPods.gpu, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kata-verify-w-1-0123456789', namespace: 'checks' },
    spec: {
      runtimeClassName: 'kata-qemu-nvidia-gpu-snp',
      restartPolicy: 'Never',
      nodeSelector: { 'kubernetes.io/hostname': 'host-1' },
      affinity: { nodeAffinity: required({ matchFields: [inTerm('w-1')] }) },
      tolerations: [cordon, { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
      containers: [
        {
          name: 'cuda-vectoradd',
          image: 'nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04',
          resources: { limits: { 'nvidia.com/pgpu': '1', memory: '16Gi' } },
        },
      ],
    },
  });
});

test('a fixed name and namespace are replaced; labels, annotations and other fields stay', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'fixed',
      namespace: 'theirs',
      labels: { app: 'verify', pod: '${TEST_POD}' },
      annotations: { '${TEST_POD}': 'on ${NODE}, ${OTHER} $NODE' },
    },
    spec: { containers, newField: { deep: [1, null, true] } },
  };

  expect(render(JSON.stringify(pod))).toMatchObject({
    metadata: {
      name: 'kata-verify-w-1-0123456789',
      namespace: 'checks',
      labels: { app: 'verify', pod: 'kata-verify-w-1-0123456789' },
      annotations: { 'kata-verify-w-1-0123456789': 'on w-1, ${OTHER} $NODE' },
    },
    spec: { containers, newField: { deep: [1, null, true] } },
  });
});

const hostname = (value: string): object => ({
  matchExpressions: [
    { key: 'kubernetes.io/hostname', operator: 'In', values: [value] },
    { key: 'zone', operator: 'NotIn', values: [value] },
  ],
});

test('the placeholder is the hostname where it is compared with that label, else the name', () => {
  expect(
    specOf({
      nodeSelector: { 'kubernetes.io/hostname': '${NODE}', other: '${NODE}' },
      affinity: {
        nodeAffinity: {
          ...required(hostname('${NODE}')),
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: hostname('${NODE}') }],
        },
      },
    }),
  ).toMatchObject({
    nodeSelector: { 'kubernetes.io/hostname': 'host-1', other: 'w-1' },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'kubernetes.io/hostname', operator: 'In', values: ['host-1'] },
                { key: 'zone', operator: 'NotIn', values: ['w-1'] },
              ],
            },
          ],
        },
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            preference: {
              matchExpressions: [{ values: ['host-1'] }, { values: ['w-1'] }],
            },
          },
        ],
      },
    },
  });
});

const zone = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] };
const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] };

test.each<[string, object, object]>([
  ['nothing', {}, { nodeAffinity: required({ matchFields: [inTerm('w-1')] }) }],
  ['nulls', { affinity: null }, { nodeAffinity: required({ matchFields: [inTerm('w-1')] }) }],
  [
    'an affinity to pods',
    { affinity: { podAffinity } },
    { podAffinity, nodeAffinity: required({ matchFields: [inTerm('w-1')] }) },
  ],
  [
    'alternatives: each gets the name',
    { affinity: { nodeAffinity: required(zone, hostname('x')) } },
    {
      nodeAffinity: required(
        { ...zone, matchFields: [inTerm('w-1')] },
        { ...hostname('x'), matchFields: [inTerm('w-1')] },
      ),
    },
  ],
  [
    'an empty alternative, which selects nothing, stays empty',
    { affinity: { nodeAffinity: required({}, { matchExpressions: [], matchFields: null }, zone) } },
    {
      nodeAffinity: required(
        {},
        { matchExpressions: [], matchFields: null },
        { ...zone, matchFields: [inTerm('w-1')] },
      ),
    },
  ],
  [
    'the name already',
    { affinity: { nodeAffinity: required({ matchFields: [inTerm('${NODE}')] }) } },
    { nodeAffinity: required({ matchFields: [inTerm('w-1')] }) },
  ],
  [
    'the name and another',
    { affinity: { nodeAffinity: required({ matchFields: [inTerm('${NODE}', 'w-2')] }) } },
    { nodeAffinity: required({ matchFields: [inTerm('w-1', 'w-2'), inTerm('w-1')] }) },
  ],
  [
    'another name, so it fits nowhere',
    { affinity: { nodeAffinity: required({ matchFields: [inTerm('w-2')] }) } },
    { nodeAffinity: required({ matchFields: [inTerm('w-2'), inTerm('w-1')] }) },
  ],
  ['no alternative at all', { affinity: { nodeAffinity: required() } }, { nodeAffinity: required() }],
])('bound to the node although the user gave %s', (_, spec, affinity) => {
  expect(specOf(spec)).toEqual({
    containers,
    affinity,
    tolerations: [cordon],
    restartPolicy: 'Never',
  });
});

test('a pod with spec.nodeName is bound already, and one of another node is refused', () => {
  expect(specOf({ nodeName: '${NODE}', restartPolicy: 'OnFailure' })).toEqual({
    containers,
    nodeName: 'w-1',
    tolerations: [cordon],
    restartPolicy: 'OnFailure',
  });
  expect(() => specOf({ nodeName: 'w-2' })).toThrow(
    expect.objectContaining({
      code: 'KATA_ROLLOUT_POD_INVALID',
      message: 'cannot use the verification pod: its spec.nodeName is "w-2", so it cannot verify node "w-1"',
      hint: 'write spec.nodeName: ${NODE}, or leave it out',
    }),
  );
});

test('a node without hostname label is refused only where the label is compared', () => {
  const without = { labels: {} };

  expect(specOf({ nodeSelector: { other: '${NODE}' } }, without)).toMatchObject({
    nodeSelector: { other: 'w-1' },
  });
  for (const spec of [
    { nodeSelector: { 'kubernetes.io/hostname': '${NODE}' } },
    { affinity: { nodeAffinity: required(hostname('${NODE}')) } },
  ]) {
    expect(() => specOf(spec, without)).toThrow(
      expect.objectContaining({
        code: 'KATA_ROLLOUT_POD_INVALID',
        message:
          'cannot use the verification pod: it compares ${NODE} with the label kubernetes.io/hostname, which is missing on node "w-1"',
        hint: 'leave this selector out: the pod is bound to the node by its name',
      }),
    );
  }
});
