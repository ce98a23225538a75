/** The files of a node: kubelet, kube-proxy, CNI, and its engine. */
import { nodeEngine } from '../engines/node-engine.ts';
import { type LabPlace, machineDirectory, network, nodeAddress, type NodeSpec, podRange } from '../lab.ts';
import { toolPath } from '../machines/boot-machine.ts';
import type { MachineFile } from '../machines/machine-file.ts';
import { placeFile } from '../machines/prepare-machine.ts';
import { bootstrapToken } from './bootstrap-objects.ts';
import { readKeyPair } from './certificates.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { networkUnit, serviceUnit } from './units.ts';

const apiServer = `https://${network.control}:${network.apiPort}`;

export async function nodeFiles(place: LabPlace, node: NodeSpec): Promise<readonly MachineFile[]> {
  const engine = nodeEngine(node.engine);
  return [
    ...networkUnit(nodeAddress(node.index), network.gateway),
    {
      path: '/etc/hosts',
      content: `127.0.0.1 localhost\n${network.control} control registry.lab\n${nodeAddress(node.index)} ${node.name}\n`,
    },
    ...['kubelet', 'kube-proxy', 'kubectl'].map((name) => ({
      path: `/usr/local/bin/${name}`,
      linkTo: toolPath('kube', name),
    })),
    ...engine.files,
    { path: '/opt/cni/bin', linkTo: toolPath('cni') },
    { path: '/etc/cni/net.d/10-lab.conflist', content: cniConfig(node) },
    ...(await credentials(place, node)),
    { path: '/etc/kubernetes/kubelet.yaml', content: kubeletConfig(engine.endpoint) },
    ...serviceUnit({
      name: 'kubelet',
      after: [engine.unit],
      waitFor: bootstrapFile,
      command: [
        '/usr/local/bin/kubelet',
        '--config=/etc/kubernetes/kubelet.yaml',
        `--bootstrap-kubeconfig=${bootstrapFile}`,
        '--kubeconfig=/var/lib/kubelet/kubeconfig',
        `--hostname-override=${node.name}`,
        `--node-ip=${nodeAddress(node.index)}`,
      ],
    }),
    ...serviceUnit({
      name: 'kube-proxy',
      command: [
        '/usr/local/bin/kube-proxy',
        '--kubeconfig=/etc/kubernetes/kube-proxy.conf',
        `--hostname-override=${node.name}`,
        `--cluster-cidr=${network.pods}`,
        // A node must not resize the connection table of this machine.
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0',
        '--conntrack-tcp-timeout-close-wait=0',
      ],
    }),
  ];
}

async function credentials(place: LabPlace, node: NodeSpec): Promise<readonly MachineFile[]> {
  const authority = (await readKeyPair(place, 'ca')).certificate;
  const serving = await readKeyPair(place, `kubelet-${node.name}`);
  const common = { name: place.name, server: apiServer, authority };
  return [
    { path: '/etc/kubernetes/pki/ca.crt', content: authority },
    { path: '/etc/kubernetes/pki/kubelet.crt', content: serving.certificate },
    { path: '/etc/kubernetes/pki/kubelet.key', content: serving.key, mode: 0o600 },
    {
      path: '/etc/kubernetes/kube-proxy.conf',
      content: renderKubeconfig({
        ...common,
        user: 'kube-proxy',
        credentials: await readKeyPair(place, 'kube-proxy'),
      }),
      mode: 0o600,
    },
  ];
}

const bootstrapFile = '/etc/kubernetes/bootstrap.conf';

/** Lets the node's kubelet join. Before the API server has the token, kubelet would be refused and back off. */
export async function admitNode(place: LabPlace, node: NodeSpec): Promise<void> {
  const content = renderKubeconfig({
    name: place.name,
    server: apiServer,
    authority: (await readKeyPair(place, 'ca')).certificate,
    user: 'bootstrap',
    credentials: { token: `${bootstrapToken.id}.${bootstrapToken.secret}` },
  });
  await placeFile(machineDirectory(place, node.name), { path: bootstrapFile, content, mode: 0o600 });
}

function kubeletConfig(endpoint: string): string {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: '/etc/kubernetes/pki/kubelet.crt',
    tlsPrivateKeyFile: '/etc/kubernetes/pki/kubelet.key',
    rotateCertificates: true,
    containerRuntimeEndpoint: endpoint,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // All nodes share this machine's disk and memory: a node must not evict pods because of another.
    localStorageCapacityIsolation: false,
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '10Mi' },
    resolvConf: '',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function cniConfig(node: NodeSpec): string {
  const config = {
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podRange(node.index) }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
