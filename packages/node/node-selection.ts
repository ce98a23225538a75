/** Whether a DaemonSet selects a node: its node selector and required affinity, as the scheduler evaluates them. */

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Of a pod template. Taints are ignored: a node that gets one keeps its installation. */
export interface Selection {
  readonly nodeName: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** One of them must hold; undefined when there are no terms. */
  readonly terms:
    | readonly {
        readonly matchExpressions: readonly Requirement[];
        readonly matchFields: readonly Requirement[];
      }[]
    | undefined;
}

export interface SelectedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function selectsNode(selection: Selection, node: SelectedNode): boolean {
  const { nodeName, nodeSelector, terms } = selection;
  if (nodeName !== undefined && nodeName !== '' && nodeName !== node.name) return false;
  if (Object.entries(nodeSelector).some(([key, value]) => node.labels[key] !== value)) return false;
  if (terms === undefined) return true;
  return terms.some(({ matchExpressions, matchFields }) => {
    // An empty term selects nothing.
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => holds(requirement, node.labels[requirement.key])) &&
      matchFields.every((requirement) =>
        holds(requirement, requirement.key === 'metadata.name' ? node.name : undefined),
      )
    );
  });
}

function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compare(value, values, (label, limit) => label > limit);
    case 'Lt':
      return compare(value, values, (label, limit) => label < limit);
    default:
      // An operator of a newer Kubernetes: if in doubt, nothing is removed.
      return true;
  }
}

function compare(
  value: string | undefined,
  [limit = '']: readonly string[],
  isMet: (label: bigint, limit: bigint) => boolean,
): boolean {
  if (value === undefined || !isInteger(value) || !isInteger(limit)) return false;
  return isMet(BigInt(value), BigInt(limit));
}

function isInteger(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}
