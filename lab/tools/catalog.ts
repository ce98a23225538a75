/** The programs that the lab builds from the registries, each a Go module next to this file. */
import type { ModuleCopy } from './build-in-copy.ts';

export interface Tool {
  /** Completes "building …". */
  readonly title: string;
  /** The Go module's folder, relative to `lab/`. */
  readonly module: string;
  /** Import paths of the commands; "." is the module's own. */
  readonly commands: readonly string[];
  /** For programs that cannot be built from the module as it is published. */
  readonly copy?: ModuleCopy;
  /** Names the one program of the module that is not named after its import path. */
  readonly output?: string;
  /** Further names of that program, which behaves according to its name. */
  readonly links?: readonly string[];
  /** Left out: built without cgo. */
  readonly cgo?: Cgo;
  /** Linker settings: variables of the program and their values. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Parts that are not Go. */
export interface Cgo {
  readonly tags: readonly string[];
  /** C programs of a Go module, by name; each is compiled statically from all C files of a folder. */
  readonly programs: Readonly<Record<string, { readonly module: string; readonly folder: string }>>;
}

const containerd2 = 'github.com/containerd/containerd/v2';
const containerd1 = 'github.com/containerd/containerd';
const plugins = 'github.com/containernetworking/plugins/plugins';
const argo = 'github.com/argoproj/argo-workflows/v3';

export const tools = {
  kube: {
    title: 'Kubernetes 1.36.3, etcd',
    module: 'tools/kube',
    commands: ['.'],
    output: 'kube',
    links: [
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-proxy',
      'kube-scheduler',
      'kubectl',
      'kubelet',
    ],
    variables: { 'k8s.io/component-base/version.gitVersion': 'v1.36.3' },
  },
  'containerd-2.4': {
    title: 'containerd 2.4.2',
    module: 'tools/containerd-2.4',
    commands: containerdCommands(containerd2),
    variables: { [`${containerd2}/version.Version`]: 'v2.4.2' },
  },
  // One of 2.3.0 to 2.3.4, which refuse a drop-in whose schema version is above that of the main file.
  'containerd-2.3': {
    title: 'containerd 2.3.2',
    module: 'tools/containerd-2.3',
    commands: containerdCommands(containerd2),
    variables: { [`${containerd2}/version.Version`]: 'v2.3.2' },
  },
  'containerd-2.2': {
    title: 'containerd 2.2.1',
    module: 'tools/containerd-2.2',
    commands: containerdCommands(containerd2),
    variables: { [`${containerd2}/version.Version`]: 'v2.2.1' },
  },
  'containerd-1.7': {
    title: 'containerd 1.7.30',
    module: 'tools/containerd-1.7',
    commands: containerdCommands(containerd1),
    variables: { [`${containerd1}/version.Version`]: 'v1.7.30' },
  },
  cni: {
    title: 'CNI plugins 1.9.1',
    module: 'tools/cni',
    commands: ['main/ptp', 'main/bridge', 'main/loopback', 'ipam/host-local', 'meta/portmap'].map(
      (plugin) => `${plugins}/${plugin}`,
    ),
  },
  helm: {
    title: 'Helm 3.22.0',
    module: 'tools/helm',
    commands: ['helm.sh/helm/v3/cmd/helm'],
    variables: {
      'helm.sh/helm/v3/internal/version.version': 'v3.22.0',
      // The version that `helm template` assumes without a cluster.
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': '36',
    },
  },
  argo: {
    title: 'Argo Workflows 3.7.4',
    module: 'tools/argo',
    commands: ['argo', 'argoexec', 'workflow-controller'].map((name) => `${argo}/cmd/${name}`),
    copy: {
      module: argo,
      files: {
        // A link in Argo's repository.
        'workflow/executor/osspecific/signal_linux.go': 'workflow/executor/osspecific/signal_darwin.go',
        // The CLI embeds the built web pages, which only its server needs.
        'ui/dist/app/index.html': 'ui/src/index.html',
      },
      keep: 'manifests',
    },
    variables: {
      [`${argo}.version`]: 'v3.7.4',
      [`${argo}.gitTag`]: 'v3.7.4',
      [`${argo}.gitCommit`]: '9b9649b0af3d5006f3b6688cb2881db4fb324a96',
      [`${argo}.gitTreeState`]: 'clean',
    },
  },
  crio: {
    title: 'CRI-O 1.36.1',
    module: 'tools/crio',
    commands: ['github.com/cri-o/cri-o/cmd/crio'],
    cgo: {
      tags: [
        'containers_image_openpgp',
        'exclude_graphdriver_btrfs',
        'exclude_graphdriver_devicemapper',
        'seccomp',
      ],
      programs: { pinns: { module: 'github.com/cri-o/cri-o', folder: 'pinns/src' } },
    },
  },
  shim: {
    title: 'stand-in Kata shim',
    module: 'shim',
    commands: ['.'],
    output: 'containerd-shim-kata-v2',
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

export const toolNames = Object.keys(tools) as ToolName[];

export function toolOf(name: ToolName): Tool {
  return tools[name];
}

function containerdCommands(module: string): readonly string[] {
  return ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => `${module}/cmd/${name}`);
}
