import { type SelectedNode, type Selection, selectsNode } from '@kata/node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseVerificationPod } from './parse-verification-pod.ts';
import type { PodTemplateSpec, PodTerm } from './pod-template.ts';
import { renderVerificationPod } from './verification-pod.ts';

const hostname = 'kubernetes.io/hostname';
const value = fc.constantFrom('${NODE}', 'w-1', 'h-1', 'a', 'b${TEST_POD}', '${OTHER}');
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof(arbitrary, fc.constantFrom(null, undefined));

const requirement = (key: fc.Arbitrary<string>): fc.Arbitrary<object> =>
  fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: fc.array(value, { minLength: 1, maxLength: 2 }),
  });

const term = fc.record({
  matchExpressions: maybe(fc.array(requirement(fc.constantFrom(hostname, 'zone')), { maxLength: 2 })),
  matchFields: maybe(fc.array(requirement(fc.constant('metadata.name')), { maxLength: 2 })),
});

const spec = fc.record({
  containers: fc.constant([{ name: 'x', args: ['${NODE}', '${TEST_POD}', '${OTHER}'] }]),
  nodeName: maybe(fc.constantFrom('${NODE}', '')),
  nodeSelector: maybe(fc.dictionary(fc.constantFrom(hostname, 'zone'), value)),
  restartPolicy: maybe(fc.constantFrom('Never', 'OnFailure')),
  affinity: maybe(
    fc.record({
      podAffinity: fc.constant({ kept: true }),
      nodeAffinity: maybe(
        fc.record({
          requiredDuringSchedulingIgnoredDuringExecution: maybe(
            fc.record({ nodeSelectorTerms: fc.array(term, { minLength: 1, maxLength: 3 }) }),
          ),
          preferredDuringSchedulingIgnoredDuringExecution: maybe(
            fc.array(fc.record({ weight: fc.nat(9), preference: term })),
          ),
        }),
      ),
    }),
  ),
  tolerations: maybe(fc.constant([{ key: 'theirs', operator: 'Exists' }])),
  other: fc.jsonValue(),
});

/** Two nodes may have one hostname, and a node's hostname may be the name of another. */
const nodes: fc.Arbitrary<readonly SelectedNode[]> = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('w-1', 'w-2', 'h-1', 'a'),
    labels: fc.record({
      [hostname]: fc.constantFrom('w-1', 'h-1', 'h-2'),
      zone: fc.constantFrom('a', 'w-1'),
    }),
  }),
  { selector: ({ name }) => name, minLength: 1 },
);

const podName = 'kata-verify-x';

function render(userSpec: object, { name, labels }: SelectedNode): Rendered {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: userSpec });
  const place = { node: { name, labels, taints: [] }, namespace: 'checks', name: podName };
  return renderVerificationPod(parseVerificationPod(text), place) as unknown as Rendered;
}

interface Rendered {
  readonly spec: PodTemplateSpec;
}

/** What the scheduler reads of a spec. */
function selectionOf({ nodeName, nodeSelector, affinity }: PodTemplateSpec): Selection {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    nodeName: nodeName ?? undefined,
    nodeSelector: nodeSelector ?? {},
    terms: required?.nodeSelectorTerms?.map(({ matchExpressions, matchFields }: PodTerm) => ({
      matchExpressions: (matchExpressions ?? []).map(withValues),
      matchFields: (matchFields ?? []).map(withValues),
    })),
  };
}

function withValues<T extends { readonly values?: readonly string[] | null | undefined }>(
  one: T,
): T & { readonly values: readonly string[] } {
  return { ...one, values: one.values ?? [] };
}

/** Without our own rendering: the placeholders that the scheduler compares. */
function filledByText(userSpec: object, node: SelectedNode): PodTemplateSpec {
  const fill = (found: unknown, isHost: boolean): unknown => {
    if (typeof found === 'string') {
      const own = isHost ? (node.labels[hostname] ?? '') : node.name;
      return found.replaceAll('${NODE}', own).replaceAll('${TEST_POD}', podName);
    }
    if (Array.isArray(found)) return found.map((item: unknown) => fill(item, isHost));
    if (typeof found !== 'object' || found === null) return found;
    const isCompared = 'key' in found && found.key === hostname;
    return Object.fromEntries(
      Object.entries(found).map(([key, item]) => [
        key,
        fill(item, (isCompared && key === 'values') || key === hostname),
      ]),
    );
  };
  return fill(JSON.parse(JSON.stringify(userSpec)), false) as PodTemplateSpec;
}

test('the rendered pod runs on its node exactly when the user allows it there, and never elsewhere', () => {
  fc.assert(
    fc.property(spec, nodes, (userSpec, fleet) => {
      const [node] = fleet as readonly [SelectedNode];
      const selection = selectionOf(render(userSpec, node).spec);
      const allowed = selectionOf(filledByText(userSpec, node));

      const chosen = fleet.filter((candidate) => selectsNode(selection, candidate));
      expect(chosen).toEqual(selectsNode(allowed, node) ? [node] : []);
    }),
    { numRuns: 1000 },
  );
});

test('no placeholder of ours is left, and all else is as the user wrote it', () => {
  fc.assert(
    fc.property(spec, nodes, (userSpec, fleet) => {
      const [node] = fleet as readonly [SelectedNode];
      const rendered = render(userSpec, node);
      const { affinity, tolerations, restartPolicy, ...others } = rendered.spec;

      const text = JSON.stringify(rendered);
      expect(text).not.toMatch(/\$\{(NODE|TEST_POD)\}/);
      expect(text).toContain('${OTHER}');
      const filled = filledByText(userSpec, node);
      const { affinity: ownAffinity, tolerations: own, restartPolicy: policy, ...ownOthers } = filled;
      expect(others).toEqual(ownOthers);
      expect(restartPolicy).toBe(policy ?? 'Never');
      expect(tolerations?.slice(0, own?.length ?? 0)).toEqual(own ?? []);
      expect(affinity?.['podAffinity']).toEqual(ownAffinity?.['podAffinity']);
      expect(affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution).toEqual(
        ownAffinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
      );
    }),
  );
});
