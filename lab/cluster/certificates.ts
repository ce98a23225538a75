/** The lab's certificates, issued by openssl: one authority for Kubernetes, one for etcd. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controlName, type LabPlace, network, nodeAddress, type NodeSpec } from '../lab.ts';
import { run } from '../run.ts';

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

interface CertificateRequest {
  readonly name: string;
  readonly commonName: string;
  readonly organization?: string;
  /** openssl's notation: `DNS:name` or `IP:address`. */
  readonly alternativeNames?: readonly string[];
  readonly authority?: 'ca' | 'etcd-ca';
}

const controlRequests: readonly CertificateRequest[] = [
  {
    name: 'apiserver',
    commonName: 'kube-apiserver',
    alternativeNames: [
      `IP:${network.control}`,
      `IP:${network.apiService}`,
      'IP:127.0.0.1',
      'DNS:localhost',
      `DNS:${controlName}`,
      'DNS:kubernetes',
      'DNS:kubernetes.default',
      'DNS:kubernetes.default.svc',
      'DNS:kubernetes.default.svc.cluster.local',
    ],
  },
  { name: 'apiserver-kubelet-client', commonName: 'kube-apiserver-kubelet-client' },
  { name: 'admin', commonName: 'lab-admin', organization: 'system:masters' },
  { name: 'controller-manager', commonName: 'system:kube-controller-manager' },
  { name: 'scheduler', commonName: 'system:kube-scheduler' },
  { name: 'kube-proxy', commonName: 'system:kube-proxy' },
  {
    name: 'etcd',
    commonName: 'etcd',
    alternativeNames: ['IP:127.0.0.1', 'DNS:localhost'],
    authority: 'etcd-ca',
  },
  { name: 'apiserver-etcd-client', commonName: 'kube-apiserver', authority: 'etcd-ca' },
];

const certificateDirectory = (place: LabPlace): string => join(place.directory, 'pki');

export async function issueClusterCertificates(place: LabPlace): Promise<void> {
  const directory = certificateDirectory(place);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await Promise.all([issueAuthority(directory, 'ca'), issueAuthority(directory, 'etcd-ca')]);
  // The API server reads public keys only from the older key format, which ecparam writes.
  await run([
    'openssl',
    'ecparam',
    '-genkey',
    '-noout',
    '-name',
    'prime256v1',
    '-out',
    join(directory, 'service-account.key'),
  ]);
  for (const request of controlRequests) await issue(directory, request);
}

/** A certificate for one more client of the API server. */
export async function issueCertificate(place: LabPlace, request: CertificateRequest): Promise<void> {
  await issue(certificateDirectory(place), request);
}

/** The certificate with which a kubelet serves logs and exec; it gets its client certificate by TLS bootstrap. */
export async function issueKubeletCertificate(place: LabPlace, node: NodeSpec): Promise<void> {
  await issueCertificate(place, {
    name: `kubelet-${node.name}`,
    commonName: `system:node:${node.name}`,
    organization: 'system:nodes',
    alternativeNames: [`IP:${nodeAddress(node.index)}`, `DNS:${node.name}`],
  });
}

export async function readKeyPair(place: LabPlace, name: string): Promise<KeyPair> {
  const file = join(certificateDirectory(place), name);
  return {
    certificate: await readFile(`${file}.crt`, 'utf8'),
    key: await readFile(`${file}.key`, 'utf8'),
  };
}

export async function readServiceAccountKey(place: LabPlace): Promise<string> {
  return await readFile(join(certificateDirectory(place), 'service-account.key'), 'utf8');
}

async function issueAuthority(directory: string, name: string): Promise<void> {
  await run([
    ...newCertificate(directory, name, `/CN=lab-${name}`),
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]);
}

async function issue(directory: string, request: CertificateRequest): Promise<void> {
  const authority = join(directory, request.authority ?? 'ca');
  const organization = request.organization === undefined ? '' : `/O=${request.organization}`;
  const names = request.alternativeNames ?? [];
  await run([
    ...newCertificate(directory, request.name, `${organization}/CN=${request.commonName}`),
    '-CA',
    `${authority}.crt`,
    '-CAkey',
    `${authority}.key`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-addext',
    'keyUsage=critical,digitalSignature',
    '-addext',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(names.length === 0 ? [] : ['-addext', `subjectAltName=${names.join(',')}`]),
  ]);
}

function newCertificate(directory: string, name: string, subject: string): readonly string[] {
  return [
    'openssl',
    'req',
    '-x509',
    '-batch',
    '-nodes',
    '-days',
    '365',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-keyout',
    join(directory, `${name}.key`),
    '-out',
    join(directory, `${name}.crt`),
    '-subj',
    subject,
  ];
}
