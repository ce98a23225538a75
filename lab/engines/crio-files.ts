/** The files of CRI-O on a node: main file, registry, unit. */
import { enable } from '../cluster/units.ts';
import { network, registryHost } from '../lab.ts';
import { toolPath } from '../machines/boot-machine.ts';
import type { MachineFile } from '../machines/machine-file.ts';
import type { CrioEngine } from './catalog.ts';

export function crioFiles({ tool }: CrioEngine): readonly MachineFile[] {
  return [
    ...['crio', 'pinns'].map((name) => ({ path: `/usr/local/bin/${name}`, linkTo: toolPath(tool, name) })),
    { path: '/usr/local/bin/lab-runc', content: runc, mode: 0o755 },
    // Debian's package enables it.
    { path: '/etc/systemd/system/containerd.service', linkTo: '/dev/null' },
    { path: '/etc/crio/crio.conf', content: mainFile },
    {
      path: '/etc/containers/policy.json',
      content: '{ "default": [{ "type": "insecureAcceptAnything" }] }\n',
    },
    { path: '/etc/containers/registries.conf', content: registries() },
    { path: '/etc/systemd/system/crio.service', content: unit },
    { path: '/etc/systemd/system/crio.service.d/kata.conf', content: '[Service]\nKillMode=process\n' },
    enable('crio.service'),
  ];
}

// An empty pause command: with one, only handlers of VMs get a pause container, and the lab's image has another program.
const mainFile = `[crio]
storage_driver = "overlay"

[crio.runtime]
default_runtime = "runc"
pinns_path = "/usr/local/bin/pinns"
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"

[crio.runtime.runtimes.runc]
runtime_path = "/usr/local/bin/lab-runc"
monitor_path = "/usr/bin/conmon"
monitor_cgroup = "pod"

[crio.image]
pause_image = "${registryHost}/pause:1"
pause_command = ""
signature_policy = "/etc/containers/policy.json"

[crio.network]
plugin_dirs = ["/opt/cni/bin"]
`;

// Many development sandboxes have no CAP_SYS_RESOURCE: no pod with a low OOM score would start. Containerd has a setting for it.
const runc = `#!/bin/sh
own=$(cat /proc/self/oom_score_adj)
previous=
for word in "$@"; do
  [ "$previous" = --bundle ] && sed -i "s/\\"oomScoreAdj\\": *-[0-9]*/\\"oomScoreAdj\\":$own/" "$word/config.json"
  previous=$word
done
exec /usr/sbin/runc "$@"
`;

function registries(): string {
  const mirror = `${network.control}:${network.registryPort}`;
  return `[[registry]]
prefix = "${registryHost}"
location = "${mirror}"
insecure = true

[[registry]]
location = "${mirror}"
insecure = true
`;
}

/**
 * As upstream's, which has no KillMode: the drop-in is what our documentation asks for. CRI-O sets limits for each controller in
 * /proc/cgroups, also for hugetlb, which a node of the lab does not have.
 */
const unit = `[Unit]
Description=Container Runtime Interface for OCI (CRI-O)
After=network.target local-fs.target

[Service]
Type=notify
ExecStartPre=/bin/sh -c 'grep -v hugetlb /proc/cgroups > /run/cgroups; mountpoint -q /proc/cgroups || mount --bind /run/cgroups /proc/cgroups'
ExecStart=/usr/local/bin/crio
ExecReload=/bin/kill -s HUP $MAINPID
Delegate=yes
Restart=always
RestartSec=1
StartLimitIntervalSec=0
TasksMax=infinity
LimitNOFILE=1048576
LimitNPROC=1048576
LimitCORE=infinity
OOMScoreAdjust=-999
TimeoutStartSec=0

[Install]
WantedBy=multi-user.target
Alias=cri-o.service
`;
