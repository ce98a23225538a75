/** Shared values of the chart's tests. */
import { type KubernetesObject } from '../driver/helm-chart.ts';

export const only = (name: string, given: object = {}): object => ({
  disableAll: true,
  [name]: { enabled: true, ...given },
});

export function classOf(object: KubernetesObject): object {
  const { metadata, handler, overhead, scheduling } = object as KubernetesObject & {
    readonly scheduling: { readonly nodeSelector: object };
  };
  return { name: metadata.name, handler, overhead, nodeSelector: scheduling.nodeSelector };
}

export const runtime = (runtimeClass: string, more: object = {}): object => ({
  customRuntimes: { enabled: true, runtimes: { x: { baseConfig: 'qemu', runtimeClass, ...more } } },
});
