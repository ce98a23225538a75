/** The objects that let kubelets join with a token and let the API server reach them. */

/** A throw-away cluster on loopback: the token is no secret. */
export const bootstrapToken = { id: 'katala', secret: 'b0000000katalab0' } as const;

const bootstrapGroup = 'system:bootstrappers:lab';

export function bootstrapObjects(): readonly unknown[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'bootstrap.kubernetes.io/token',
      metadata: { name: `bootstrap-token-${bootstrapToken.id}`, namespace: 'kube-system' },
      stringData: {
        'token-id': bootstrapToken.id,
        'token-secret': bootstrapToken.secret,
        'usage-bootstrap-authentication': 'true',
        'auth-extra-groups': bootstrapGroup,
      },
    },
    bindRole('lab:node-bootstrapper', 'system:node-bootstrapper', 'Group', bootstrapGroup),
    bindRole(
      'lab:approve-new-nodes',
      'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
      'Group',
      bootstrapGroup,
    ),
    bindRole(
      'lab:approve-renewals',
      'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
      'Group',
      'system:nodes',
    ),
    bindRole('lab:kubelet-api', 'system:kubelet-api-admin', 'User', 'kube-apiserver-kubelet-client'),
  ];
}

function bindRole(name: string, role: string, kind: 'Group' | 'User', subject: string): unknown {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind, name: subject }],
  };
}
