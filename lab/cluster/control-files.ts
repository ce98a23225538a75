/** The files of the control machine: etcd, API server, controller manager, scheduler and image registry. */
import { join } from 'node:path';
import { type LabPlace, network } from '../lab.ts';
import { toolPath } from '../machines/boot-machine.ts';
import type { MachineFile } from '../machines/machine-file.ts';
import { readKeyPair, readServiceAccountKey } from './certificates.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { networkUnit, serviceUnit } from './units.ts';

const pki = '/etc/kubernetes/pki';
const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];

export async function controlFiles(place: LabPlace): Promise<readonly MachineFile[]> {
  return [
    ...networkUnit(network.control, network.gateway),
    { path: '/etc/hosts', content: `127.0.0.1 localhost\n${network.control} control registry.lab\n` },
    { path: '/etc/systemd/system/containerd.service', linkTo: '/dev/null' },
    ...programs.map((name) => ({ path: `/usr/local/bin/${name}`, linkTo: toolPath('kube', name) })),
    ...(await pkiFiles(place)),
    ...(await kubeconfigs(place)),
    { path: '/etc/kubernetes/audit-policy.yaml', content: auditPolicy },
    { path: '/etc/docker/registry/config.yml', content: registryConfig },
    ...serviceUnit({
      name: 'etcd',
      type: 'notify',
      command: [
        '/usr/local/bin/etcd',
        '--data-dir=/var/lib/etcd',
        // A lab is temporary: it need not survive a power cut of this machine.
        '--unsafe-no-fsync',
        '--listen-client-urls=https://127.0.0.1:2379',
        '--advertise-client-urls=https://127.0.0.1:2379',
        '--listen-peer-urls=http://127.0.0.1:2380',
        '--client-cert-auth',
        `--trusted-ca-file=${pki}/etcd-ca.crt`,
        `--cert-file=${pki}/etcd.crt`,
        `--key-file=${pki}/etcd.key`,
      ],
    }),
    ...serviceUnit({ name: 'kube-apiserver', after: ['etcd.service'], type: 'notify', command: apiServer() }),
    ...serviceUnit({
      name: 'kube-controller-manager',
      after: ['kube-apiserver.service'],
      command: controllerManager(),
    }),
    ...serviceUnit({
      name: 'kube-scheduler',
      after: ['kube-apiserver.service'],
      command: [
        '/usr/local/bin/kube-scheduler',
        '--kubeconfig=/etc/kubernetes/scheduler.conf',
        '--leader-elect=false',
      ],
    }),
    ...serviceUnit({
      name: 'registry',
      command: ['/usr/bin/docker-registry', 'serve', '/etc/docker/registry/config.yml'],
    }),
  ];
}

function apiServer(): readonly string[] {
  return [
    '/usr/local/bin/kube-apiserver',
    `--advertise-address=${network.control}`,
    `--secure-port=${network.apiPort}`,
    `--service-cluster-ip-range=${network.services}`,
    '--allow-privileged=true',
    '--anonymous-auth=false',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--enable-bootstrap-token-auth=true',
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    '--etcd-servers=https://127.0.0.1:2379',
    `--etcd-cafile=${pki}/etcd-ca.crt`,
    `--etcd-certfile=${pki}/apiserver-etcd-client.crt`,
    `--etcd-keyfile=${pki}/apiserver-etcd-client.key`,
    `--kubelet-certificate-authority=${pki}/ca.crt`,
    `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki}/service-account.key`,
    `--service-account-signing-key-file=${pki}/service-account.key`,
    '--audit-policy-file=/etc/kubernetes/audit-policy.yaml',
    '--audit-log-path=/var/log/kubernetes/audit.log',
    '--audit-log-maxsize=100',
    '--audit-log-maxbackup=2',
  ];
}

function controllerManager(): readonly string[] {
  const kubeconfig = '/etc/kubernetes/controller-manager.conf';
  return [
    '/usr/local/bin/kube-controller-manager',
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--root-ca-file=${pki}/ca.crt`,
    `--service-account-private-key-file=${pki}/service-account.key`,
    `--cluster-signing-cert-file=${pki}/ca.crt`,
    `--cluster-signing-key-file=${pki}/ca.key`,
  ];
}

async function pkiFiles(place: LabPlace): Promise<readonly MachineFile[]> {
  const names = ['ca', 'etcd-ca', 'etcd', 'apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client'];
  const files: MachineFile[] = [
    {
      path: join(pki, 'service-account.key'),
      content: await readServiceAccountKey(place),
      mode: 0o600,
    },
  ];
  for (const name of names) {
    const pair = await readKeyPair(place, name);
    files.push(
      { path: join(pki, `${name}.crt`), content: pair.certificate },
      { path: join(pki, `${name}.key`), content: pair.key, mode: 0o600 },
    );
  }
  return files;
}

async function kubeconfigs(place: LabPlace): Promise<readonly MachineFile[]> {
  const authority = (await readKeyPair(place, 'ca')).certificate;
  const files: MachineFile[] = [];
  for (const name of ['admin', 'controller-manager', 'scheduler']) {
    const content = renderKubeconfig({
      name: place.name,
      server: `https://${network.control}:${network.apiPort}`,
      authority,
      user: name,
      credentials: await readKeyPair(place, name),
    });
    files.push({ path: `/etc/kubernetes/${name}.conf`, content, mode: 0o600 });
  }
  return files;
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
`;

const registryConfig = `version: 0.1
log:
  level: warn
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: ${network.control}:${network.registryPort}
`;
