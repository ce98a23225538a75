/** The files of containerd on a node: main file, registry, unit. */
import { network, registryHost } from '../lab.ts';
import type { MachineFile } from '../machines/machine-file.ts';
import { enable } from '../cluster/units.ts';
import { toolPath } from '../machines/boot-machine.ts';
import type { ContainerdEngine } from './catalog.ts';

const pauseImage = `${registryHost}/pause:1`;
const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr'];

export function containerdFiles(engine: ContainerdEngine): readonly MachineFile[] {
  const { tool } = engine;
  const files: MachineFile[] = [
    {
      path: '/etc/containerd/config.toml',
      content: engine.schema === 3 ? schema3(engine.importsConfD) : schema2(),
    },
    {
      path: `/etc/containerd/certs.d/${registryHost}/hosts.toml`,
      content: registryHosts(),
    },
  ];
  if (tool === undefined)
    return [...files, enable('containerd.service', '/lib/systemd/system/containerd.service')];
  return [
    ...files,
    { path: '/etc/systemd/system/containerd.service', content: containerdUnit() },
    enable('containerd.service'),
    ...programs.map((name) => ({ path: `/usr/local/bin/${name}`, linkTo: toolPath(tool, name) })),
  ];
}

/** containerd 1.6 refuses this file when it has no host table. */
function registryHosts(): string {
  const address = `http://${network.control}:${network.registryPort}`;
  return `server = "${address}"\n\n[host."${address}"]\n  capabilities = ["pull", "resolve"]\n`;
}

// Many development sandboxes have no CAP_SYS_RESOURCE: without restrict_oom_score_adj no pod starts there.
function schema3(importsConfD: boolean): string {
  const imports = importsConfD ? 'imports = ["/etc/containerd/conf.d/*.toml"]\n' : '';
  return `version = 3
${imports}
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${pauseImage}'

[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
`;
}

function schema2(): string {
  return `version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

/** Like containerd's own unit file: running containers outlive a restart (`KillMode=process`). */
function containerdUnit(): string {
  return `[Unit]
Description=containerd container runtime
After=network.target local-fs.target

[Service]
ExecStart=/usr/local/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5
LimitNPROC=infinity
LimitCORE=infinity
LimitNOFILE=infinity
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`;
}
