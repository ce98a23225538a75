/** systemd units of the lab's own services. */
import type { MachineFile } from '../machines/machine-file.ts';

export interface ServiceUnit {
  readonly name: string;
  readonly command: readonly string[];
  readonly after?: readonly string[];
  readonly type?: 'exec' | 'notify';
  readonly environment?: Readonly<Record<string, string>>;
  /** A file that must exist before the service is started. */
  readonly waitFor?: string;
}

/** The unit file and the link that starts it at boot. */
export function serviceUnit(unit: ServiceUnit): readonly MachineFile[] {
  const after = ['lab-network.service', ...(unit.after ?? [])].join(' ');
  const wait =
    unit.waitFor === undefined
      ? ''
      : `TimeoutStartSec=infinity\nExecStartPre=/bin/sh -c 'until [ -e ${unit.waitFor} ]; do sleep 0.1; done'\n`;
  const environment = Object.entries(unit.environment ?? {})
    .map(([name, value]) => `Environment=${name}=${value}\n`)
    .join('');
  const content = `[Unit]
Description=${unit.name} of the lab
After=${after}
Wants=lab-network.service
StartLimitIntervalSec=0

[Service]
Type=${unit.type ?? 'exec'}
${environment}${wait}ExecStart=${unit.command.join(' \\\n  ')}
Restart=always
RestartSec=1
KillMode=process

[Install]
WantedBy=multi-user.target
`;
  return [{ path: `/etc/systemd/system/${unit.name}.service`, content }, enable(`${unit.name}.service`)];
}

export function enable(unit: string, from = `/etc/systemd/system/${unit}`): MachineFile {
  return { path: `/etc/systemd/system/multi-user.target.wants/${unit}`, linkTo: from };
}

/** Gives the machine its address and makes its control groups writable, as they are on a real node. */
export function networkUnit(address: string, gateway: string): readonly MachineFile[] {
  const steps = [
    `/usr/sbin/ip address replace ${address}/24 dev host0`,
    '/usr/sbin/ip link set host0 up',
    `/usr/sbin/ip route replace default via ${gateway}`,
    '/usr/sbin/sysctl -qw net.ipv4.ip_forward=1',
    // nspawn mounts version 1 controllers read-only; with version 2 there is nothing to remount.
    '-/usr/bin/mount -o remount,rw,bind /sys/fs/cgroup',
    "-/bin/sh -c 'for c in /sys/fs/cgroup/*/; do mount -o remount,rw,bind $$c || true; done'",
    '/usr/bin/mount --make-rshared /',
  ];
  const content = `[Unit]
Description=Network and control groups of the lab
DefaultDependencies=no
After=local-fs.target
Before=multi-user.target

[Service]
Type=oneshot
RemainAfterExit=yes
${steps.map((step) => `ExecStart=${step}`).join('\n')}

[Install]
WantedBy=multi-user.target
`;
  return [{ path: '/etc/systemd/system/lab-network.service', content }, enable('lab-network.service')];
}
