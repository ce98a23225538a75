/** The RBAC rights that rendered objects give to a ServiceAccount. */
import type { KubernetesObject } from '../driver/helm-chart.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Access {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  /** Left out: any, as for `list` and `create`. */
  readonly name?: string | undefined;
  /** Left out: in the whole cluster. */
  readonly namespace?: string | undefined;
}

/** One access that a rule allows. */
type Grant = Access;

type Binding = KubernetesObject & {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly name: string }[];
};

/** Group and resource of the kinds that kata-deploy renders. */
const resources: Readonly<Record<string, readonly [group: string, resource: string, isGlobal?: true]>> = {
  ServiceAccount: ['', 'serviceaccounts'],
  ConfigMap: ['', 'configmaps'],
  DaemonSet: ['apps', 'daemonsets'],
  ClusterRole: ['rbac.authorization.k8s.io', 'clusterroles', true],
  ClusterRoleBinding: ['rbac.authorization.k8s.io', 'clusterrolebindings', true],
  RuntimeClass: ['node.k8s.io', 'runtimeclasses', true],
  ValidatingAdmissionPolicy: ['admissionregistration.k8s.io', 'validatingadmissionpolicies', true],
  ValidatingAdmissionPolicyBinding: [
    'admissionregistration.k8s.io',
    'validatingadmissionpolicybindings',
    true,
  ],
};

export class Rights {
  readonly #grants: readonly Grant[];

  private constructor(grants: readonly Grant[]) {
    this.#grants = grants;
  }

  /** Of the ServiceAccount `account`, by the roles that are bound to it. */
  static of(objects: readonly KubernetesObject[], account: string): Rights {
    const bindings = objects.filter(({ kind }) =>
      kind.endsWith('Binding'),
    ) as readonly unknown[] as readonly Binding[];
    const bound = bindings.filter(({ subjects }) => subjects.some(({ name }) => name === account));
    return new Rights(
      bound.flatMap(({ roleRef, metadata: { namespace } }) => {
        const role = objects.find(
          ({ kind, metadata }) =>
            kind === roleRef.kind && metadata.name === roleRef.name && metadata.namespace === namespace,
        );
        if (role === undefined) throw new Error(`${roleRef.kind} ${roleRef.name} is missing`);
        return grantsOf(role);
      }),
    );
  }

  allow({ group, resource, verb, name, namespace }: Access): boolean {
    return this.#grants.some(
      (grant) =>
        [grant.group, grant.resource, grant.verb].join() === [group, resource, verb].join() &&
        (grant.name === undefined || grant.name === name) &&
        (grant.namespace === undefined || grant.namespace === namespace),
    );
  }

  allowObject({ kind, metadata }: KubernetesObject, verb: string): boolean {
    const [group, resource, isGlobal] = resources[kind] ?? [];
    if (group === undefined || resource === undefined) throw new Error(`no resource is known for ${kind}`);
    const name = verb === 'create' ? undefined : metadata.name;
    return this.allow({ group, resource, verb, name, namespace: isGlobal ? undefined : metadata.namespace });
  }

  /** What the role allows and these rights do not. */
  missing(role: KubernetesObject): readonly string[] {
    return grantsOf(role)
      .filter((grant) => !this.allow(grant))
      .map(describe);
  }

  /** One line for each resource. */
  list(): readonly string[] {
    const verbs = new Map<string, string[]>();
    for (const grant of this.#grants) {
      const key = describe({ ...grant, verb: '' });
      verbs.set(key, [...(verbs.get(key) ?? []), grant.verb]);
    }
    return [...verbs].map(([key, all]) => `${key}: ${[...new Set(all)].join(' ')}`).toSorted();
  }
}

function grantsOf(role: KubernetesObject): readonly Grant[] {
  const { namespace } = role.metadata;
  const { rules } = role as unknown as { readonly rules: readonly Rule[] };
  return rules.flatMap(({ apiGroups, resources: all, resourceNames = [undefined], verbs }) =>
    apiGroups.flatMap((group) =>
      all.flatMap((resource) =>
        resourceNames.flatMap((name) => verbs.map((verb) => ({ group, resource, verb, name, namespace }))),
      ),
    ),
  );
}

function describe({ group, resource, verb, name, namespace }: Grant): string {
  return [
    ...(namespace === undefined ? [] : [`${namespace}/`]),
    ...(group === '' ? [] : [`${group}/`]),
    resource,
    ...(name === undefined ? [] : [` ${name}`]),
    ...(verb === '' ? [] : [` ${verb}`]),
  ].join('');
}
