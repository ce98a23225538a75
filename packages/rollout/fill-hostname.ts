/** Fills `${NODE}` where a pod compares it with the hostname label: there the label's value counts, not the node's name. */
import { podInvalid } from './pod-invalid.ts';
import type { PodTemplateSpec } from './pod-template.ts';

interface NamedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const hostname = 'kubernetes.io/hostname';
const placeholder = '${NODE}';

/** In the node selector and in the node affinity. @throws KataError `KATA_ROLLOUT_POD_INVALID` without such a label */
export function fillHostname(spec: PodTemplateSpec, { name, labels }: NamedNode): PodTemplateSpec {
  const fill = (value: string): string => {
    if (!value.includes(placeholder)) return value;
    const label = labels[hostname];
    if (label !== undefined) return value.replaceAll(placeholder, label);
    throw podInvalid(
      `it compares ${placeholder} with the label ${hostname}, which is missing on node "${name}"`,
      'leave this selector out: the pod is bound to the node by its name',
    );
  };
  const { nodeSelector, affinity } = spec;
  const selected = nodeSelector?.[hostname];
  const nodeAffinity = affinity?.nodeAffinity;
  return {
    ...spec,
    ...(selected !== undefined && { nodeSelector: { ...nodeSelector, [hostname]: fill(selected) } }),
    ...(nodeAffinity && { affinity: { ...affinity, nodeAffinity: fillRequirements(nodeAffinity, fill) } }),
  };
}

function fillRequirements<T>(value: T, fill: (text: string) => string): T;
function fillRequirements(value: unknown, fill: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => fillRequirements(item, fill));
  if (typeof value !== 'object' || value === null) return value;
  const { key, values, ...others }: { key?: unknown; values?: unknown } = value;
  if (key === hostname && Array.isArray(values)) {
    return { ...others, key, values: values.map((text: string) => fill(text)) };
  }
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [field, fillRequirements(item, fill)]),
  );
}
