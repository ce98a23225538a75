/** What the API server of a lab allows a ServiceAccount. */
import { parseAllDocuments } from 'yaml';
import type { LabDriver } from './lab-driver.ts';

export interface Access {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Left out: any, as for `list`. */
  readonly name?: string;
  /** Left out: in the whole cluster. */
  readonly namespace?: string;
}

interface Review {
  readonly spec: { readonly resourceAttributes: Access };
  readonly status: { readonly allowed: boolean };
}

/** Those that are allowed, one line each. `user`: such as `system:serviceaccount:argo:kata-upgrade-node`. */
export async function allowedOf(
  lab: LabDriver,
  user: string,
  accesses: readonly Access[],
): Promise<readonly string[]> {
  const groups = ['system:authenticated', 'system:serviceaccounts'];
  const reviews = accesses.map((resourceAttributes) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, groups, resourceAttributes },
  }));
  const answers = await lab.kubectl(
    ['create', '--filename=-', '--output=yaml'],
    reviews.map((review) => JSON.stringify(review)).join('\n---\n'),
  );
  return parseAllDocuments(answers)
    .map((document) => document.toJS() as Review)
    .filter(({ status }) => status.allowed)
    .map(({ spec }) => describeAccess(spec.resourceAttributes));
}

export function describeAccess({ verb, group, resource, subresource, name, namespace }: Access): string {
  const kind = [group, resource, subresource].filter((part) => part !== undefined && part !== '').join('/');
  const words = [verb, kind, name, namespace === undefined ? undefined : `in ${namespace}`];
  return words.filter((word) => word !== undefined).join(' ');
}
