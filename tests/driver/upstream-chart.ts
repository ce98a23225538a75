/** The objects of upstream's chart: RBAC, RuntimeClass, and the DaemonSet with its mounts, variables and probes. */

export const namespace = 'upstream';
export const daemonSetName = 'kata-deploy';

const account = 'kata-deploy-sa';
const role = 'kata-deploy-role';
const labels = { name: daemonSetName };

/** Host paths and where the container has them. None has an engine's socket or sandboxes. */
const mounts: readonly (readonly [
  name: string,
  path: string,
  at: string,
  type?: string | undefined,
  readOnly?: true,
])[] = [
  ['crio-conf', '/etc/crio/', '/etc/crio/'],
  ['containerd-conf', '/etc/containerd/', '/etc/containerd/'],
  ['kata', '/opt/kata', '/opt/kata', 'DirectoryOrCreate'],
  ['systemd-units', '/etc/systemd/system', '/etc/systemd/system'],
  ['systemd-private', '/run/systemd/private', '/run/systemd/private', 'Socket'],
  ['boot', '/boot', '/boot', undefined, true],
  ['machine-id', '/etc/machine-id', '/host-machine-id', 'File', true],
  ['run-lock', '/run/lock', '/host-run-lock'],
  ['usr-bin', '/usr/bin', '/host-usr-bin', undefined, true],
  ['usr-sbin', '/usr/sbin', '/host-usr-sbin', undefined, true],
];

export function upstreamRbac(): readonly object[] {
  const rbac = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: role },
      rules: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'patch'] },
        { apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] },
        { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'kata-deploy-rb' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
    {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'kata-qemu' },
      handler: 'kata-qemu',
      overhead: { podFixed: { memory: '320Mi', cpu: '250m' } },
      scheduling: {
        nodeSelector: {
          'katacontainers.io/kata-runtime': 'true',
          'kata-deploy.katacontainers.io/default': 'true',
        },
      },
    },
  ];
}

export function upstreamDaemonSet(image: string): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: daemonSetName, namespace },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: account,
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 600,
          containers: [installer(image)],
          volumes: [
            ...mounts.map(([name, path, , type]) => ({
              name,
              hostPath: { path, ...(type === undefined ? {} : { type }) },
            })),
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}

function installer(image: string): object {
  const probe = (path: string, periodSeconds: number, failureThreshold: number): object => ({
    httpGet: { path, port: 'health' },
    periodSeconds,
    failureThreshold,
    timeoutSeconds: 3,
  });
  const variables = {
    DAEMONSET_NAME: daemonSetName,
    DEBUG: 'false',
    SHIMS_X86_64: 'qemu clh',
    DEFAULT_SHIM_X86_64: 'qemu',
    EXPERIMENTAL_SETUP_SNAPSHOTTER: 'nydus',
    K8S_DISTRIBUTION: 'k8s',
    HEALTH_PORT: '8090',
  };
  return {
    name: 'kube-kata',
    image,
    imagePullPolicy: 'Always',
    command: ['/usr/bin/kata-deploy', 'install'],
    env: [
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      ...Object.entries(variables).map(([name, value]) => ({ name, value })),
    ],
    ports: [{ name: 'health', containerPort: 8090 }],
    startupProbe: probe('/readyz', 10, 60),
    livenessProbe: probe('/healthz', 30, 3),
    readinessProbe: probe('/readyz', 10, 3),
    resources: { requests: { cpu: '25m', memory: '16Mi' } },
    securityContext: { privileged: false, readOnlyRootFilesystem: true, runAsUser: 0 },
    volumeMounts: [
      ...mounts.map(([name, , mountPath, , readOnly]) => ({
        name,
        mountPath,
        ...(readOnly === undefined ? {} : { readOnly }),
      })),
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
