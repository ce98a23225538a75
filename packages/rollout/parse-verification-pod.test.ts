import { expect, test } from 'vitest';
import { parseVerificationPod } from './parse-verification-pod.ts';
import { seedPods } from './testkit/seed-pods.ts';

const pod = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: ${spec}\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test("the seeds' pods, with their placeholders", () => {
  expect(parseVerificationPod(seedPods.gpu)).toEqual({
    template: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: '${TEST_POD}' },
      spec: {
        runtimeClassName: 'kata-qemu-nvidia-gpu-snp',
        restartPolicy: 'Never',
        nodeSelector: { 'kubernetes.io/hostname': '${NODE}' },
        containers: [
          {
            name: 'cuda-vectoradd',
            image: 'nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04',
            resources: { limits: { 'nvidia.com/pgpu': '1', memory: '16Gi' } },
          },
        ],
      },
    },
    namespace: undefined,
    runtimeClass: 'kata-qemu-nvidia-gpu-snp',
  });
  expect(parseVerificationPod(seedPods.smoke).template.spec).toMatchObject({
    runtimeClassName: 'kata-qemu',
    tolerations: [{ operator: 'Exists' }],
    containers: [{ name: 'verify', command: ['uname', '-a'] }],
  });
});

test.each<[string, (text: string) => string]>([
  ['base64 in one line', base64],
  ['base64 in lines, as base64(1) writes it', (text) => base64(text).replaceAll(/.{76}/g, '$&\n')],
  ['base64 for URLs, without padding', (text) => Buffer.from(text).toString('base64url')],
  ['YAML with a mark before and after', (text) => `---\n${text}---\n`],
  ['YAML with CRLF', (text) => text.replaceAll('\n', '\r\n')],
])('%s is the same pod', (_, write) => {
  for (const text of Object.values(seedPods)) {
    expect(parseVerificationPod(write(text))).toEqual(parseVerificationPod(text));
  }
});

test('JSON, and its own namespace', () => {
  const json = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'checks' },
    spec: { containers: [{ name: 'x' }] },
  });

  expect(parseVerificationPod(json)).toEqual({
    template: JSON.parse(json) as unknown,
    namespace: 'checks',
    runtimeClass: undefined,
  });
});

test('placeholders between braces, brackets and quotes, and words that look like our own replacement', () => {
  const text = pod(
    '{nodeSelector: {kubernetes.io/hostname: ${NODE}}, containers: [{name: a, args: [${NODE}, "${TEST_POD} ${OTHER}", n000000]}]}',
  );

  expect(parseVerificationPod(text).template.spec).toEqual({
    nodeSelector: { 'kubernetes.io/hostname': '${NODE}' },
    containers: [{ name: 'a', args: ['${NODE}', '${TEST_POD} ${OTHER}', 'n000000'] }],
  });
});

test('octal numbers and words of YAML 1.1 are read as by kubectl', () => {
  const text = pod('{containers: [{name: a, stdin: no}], volumes: [{name: v, secret: {defaultMode: 0400}}]}');

  expect(parseVerificationPod(text).template.spec).toMatchObject({
    containers: [{ stdin: false }],
    volumes: [{ secret: { defaultMode: 256 } }],
  });
});

const complete = 'give one complete Pod, as for kubectl apply';
const content = 'give the content of the file, not its name';
const notAPod = 'set apiVersion: v1 and kind: Pod; give the Pod itself, not what creates it';
const never = 'set restartPolicy: Never';

test.each<[string, string, string, string]>([
  ['nothing', '', 'it is empty', complete],
  ['blanks', ' \n', 'it is empty', complete],
  ['comments', '# pod\n---\n# pod\n', 'it is empty', complete],
  ['base64 of nothing', base64('\n'), 'it is empty', complete],
  ['several documents', `${seedPods.gpu}---\n${seedPods.smoke}`, 'it has 2 YAML documents', complete],
  ['a file name', './pod.yaml', 'it is not a mapping', content],
  ['a word', 'pod', 'it is not a mapping', content],
  ['a list', '[]', 'it is not a mapping', content],
  [
    'invalid YAML, named as the user wrote it',
    'a: {b: ${NODE}, c: *${TEST_POD}}',
    'it has YAML aliases that cannot be resolved: Unresolved alias (the anchor must be set before the alias): ${TEST_POD}',
    complete,
  ],
  [
    'invalid YAML after a placeholder',
    'a: [${TEST_POD}, "',
    'it is not valid YAML at line 1, column 19: Missing closing "quote',
    complete,
  ],
  [
    'a Deployment',
    'apiVersion: apps/v1\nkind: Deployment\n',
    'its apiVersion is "apps/v1" and its kind "Deployment"',
    notAPod,
  ],
  ['no kind', 'metadata: {}\n', 'its apiVersion is missing and its kind missing', notAPod],
  ['no spec', 'apiVersion: v1\nkind: Pod\n', 'it has no containers', complete],
  ['no containers', pod('{containers: []}'), 'it has no containers', complete],
  [
    'a field of another type',
    pod('{containers: [{name: x}], nodeSelector: {zone: 1}}'),
    'spec.nodeSelector.zone: Invalid input: expected string, received number',
    complete,
  ],
  [
    'generateName',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a, generateName: b-}\nspec: {containers: [{name: x}]}\n',
    'it has metadata.generateName, under which a pod could not be found again',
    'write metadata.name: ${TEST_POD}',
  ],
  [
    'a pod that never ends',
    pod('{restartPolicy: Always, containers: [{name: x}]}'),
    'restartPolicy Always restarts container "x" each time it ends, so the pod never succeeds',
    never,
  ],
  [
    'a container that never ends',
    pod('{containers: [{name: x}, {name: "y", restartPolicy: Always}]}'),
    'restartPolicy Always restarts container "y" each time it ends, so the pod never succeeds',
    never,
  ],
])('refused: %s', (_, text, problem, hint) => {
  expect(() => parseVerificationPod(text)).toThrow(
    expect.objectContaining({
      code: 'KATA_ROLLOUT_POD_INVALID',
      message: `cannot use the verification pod: ${problem}`,
      hint,
      exitCode: 2,
    }),
  );
});

test('containers that end although the policy of the pod says Always', () => {
  const text = pod('{restartPolicy: Always, containers: [{name: x, restartPolicy: Never}]}');

  expect(parseVerificationPod(text).template.spec?.restartPolicy).toBe('Always');
});
