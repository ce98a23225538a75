/** Shared values of the tests of the chart kata-lifecycle-manager. */
import type { HelmChart, KubernetesObject } from '../driver/helm-chart.ts';

export const podText = `apiVersion: v1
kind: Pod
metadata:
  name: \${TEST_POD}
spec:
  runtimeClassName: kata-qemu
  restartPolicy: Never
  nodeSelector:
    kubernetes.io/hostname: \${NODE}
  containers:
    - name: verify
      image: busybox
      command: ['uname', '-a']
`;

interface Parameter {
  readonly name: string;
  readonly description?: string;
  readonly value?: string;
  readonly default?: string;
}

interface Step {
  readonly name: string;
  readonly template: string;
  readonly when?: string;
  readonly withParam?: string;
  readonly continueOn?: object;
}

export interface Template {
  readonly name: string;
  readonly inputs: { readonly parameters: readonly Parameter[] };
  readonly outputs?: { readonly parameters: readonly { readonly valueFrom: { readonly path: string } }[] };
  readonly steps?: readonly (readonly Step[])[];
  readonly parallelism?: number;
  readonly failFast?: boolean;
  readonly serviceAccountName?: string;
  readonly tolerations?: readonly object[];
  readonly nodeSelector?: object;
  readonly affinity?: object;
  readonly securityContext?: object;
  readonly volumes?: readonly object[];
  readonly container?: {
    readonly image: string;
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly securityContext: object;
  };
}

export interface WorkflowTemplate extends KubernetesObject {
  readonly spec: {
    readonly entrypoint: string;
    readonly arguments: { readonly parameters: readonly Parameter[] };
    readonly templates: readonly Template[];
  };
}

/** With the only value that has no default. */
export function withPod(given: object = {}): object {
  const { defaults, ...values } = given as { readonly defaults?: object };
  return { ...values, defaults: { verificationPod: podText, ...defaults } };
}

export async function workflowOf(chart: HelmChart, values: object = {}): Promise<WorkflowTemplate> {
  const found = (await chart.render(withPod(values))).find(({ kind }) => kind === 'WorkflowTemplate');
  if (found === undefined) throw new Error('the chart rendered no WorkflowTemplate');
  return found as WorkflowTemplate;
}

export function templateOf({ spec }: WorkflowTemplate, name: string): Template {
  const found = spec.templates.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no template ${name}`);
  return found;
}
