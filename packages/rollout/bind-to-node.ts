/** Binds a pod to one node by the node's name: a hostname label need not be unique. */
import { podInvalid } from './pod-invalid.ts';
import type { PodTemplateSpec, PodTerm } from './pod-template.ts';

/** The fields of the spec that change. @throws KataError `KATA_ROLLOUT_POD_INVALID` for a pod of another node */
export function bindToNode(spec: PodTemplateSpec, node: string): Pick<PodTemplateSpec, 'affinity'> {
  if (spec.nodeName) {
    if (spec.nodeName === node) return {};
    throw podInvalid(
      `its spec.nodeName is "${spec.nodeName}", so it cannot verify node "${node}"`,
      'write spec.nodeName: ${NODE}, or leave it out',
    );
  }
  const nodeAffinity = spec.affinity?.nodeAffinity;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const bound = required
    ? { ...required, nodeSelectorTerms: (required.nodeSelectorTerms ?? []).map((term) => bind(term, node)) }
    : { nodeSelectorTerms: [withName({}, node)] };
  return {
    affinity: {
      ...spec.affinity,
      nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: bound },
    },
  };
}

/** Terms are alternatives, so each needs the name; but an empty one selects nothing and must stay so. */
function bind(term: PodTerm, node: string): PodTerm {
  const { matchExpressions, matchFields } = term;
  if ((matchExpressions ?? []).length + (matchFields ?? []).length === 0) return term;
  const isBound = (matchFields ?? []).some(
    ({ key, operator, values }) =>
      key === 'metadata.name' && operator === 'In' && values?.length === 1 && values[0] === node,
  );
  return isBound ? term : withName(term, node);
}

function withName(term: PodTerm, node: string): PodTerm {
  const name = { key: 'metadata.name', operator: 'In', values: [node] };
  return { ...term, matchFields: [...(term.matchFields ?? []), name] };
}
