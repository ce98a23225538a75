import { expect, test } from 'vitest';
import { enable, networkUnit, serviceUnit } from './units.ts';

test('serviceUnit returns the unit and the link that starts it at boot', () => {
  const files = serviceUnit({
    name: 'kubelet',
    after: ['containerd.service'],
    type: 'notify',
    environment: { GOGC: '50' },
    waitFor: '/etc/kubernetes/bootstrap.conf',
    command: ['/usr/local/bin/kubelet', '--config=/etc/kubernetes/kubelet.yaml'],
  });

  expect(files).toMatchInlineSnapshot(`
    [
      {
        "content": "[Unit]
    Description=kubelet of the lab
    After=lab-network.service containerd.service
    Wants=lab-network.service
    StartLimitIntervalSec=0

    [Service]
    Type=notify
    Environment=GOGC=50
    TimeoutStartSec=infinity
    ExecStartPre=/bin/sh -c 'until [ -e /etc/kubernetes/bootstrap.conf ]; do sleep 0.1; done'
    ExecStart=/usr/local/bin/kubelet \\
      --config=/etc/kubernetes/kubelet.yaml
    Restart=always
    RestartSec=1
    KillMode=process

    [Install]
    WantedBy=multi-user.target
    ",
        "path": "/etc/systemd/system/kubelet.service",
      },
      {
        "linkTo": "/etc/systemd/system/kubelet.service",
        "path": "/etc/systemd/system/multi-user.target.wants/kubelet.service",
      },
    ]
  `);
});

test('a service that waits for no file has no ExecStartPre', () => {
  const [file] = serviceUnit({ name: 'a', command: ['/bin/a'] });

  expect(file !== undefined && 'content' in file ? file.content : '').toMatchInlineSnapshot(`
    "[Unit]
    Description=a of the lab
    After=lab-network.service
    Wants=lab-network.service
    StartLimitIntervalSec=0

    [Service]
    Type=exec
    ExecStart=/bin/a
    Restart=always
    RestartSec=1
    KillMode=process

    [Install]
    WantedBy=multi-user.target
    "
  `);
});

test('networkUnit configures address, route and control groups', () => {
  const [file] = networkUnit('10.77.0.11', '10.77.0.1');

  expect(file !== undefined && 'content' in file ? file.content : '').toMatchInlineSnapshot(`
    "[Unit]
    Description=Network and control groups of the lab
    DefaultDependencies=no
    After=local-fs.target
    Before=multi-user.target

    [Service]
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/usr/sbin/ip address replace 10.77.0.11/24 dev host0
    ExecStart=/usr/sbin/ip link set host0 up
    ExecStart=/usr/sbin/ip route replace default via 10.77.0.1
    ExecStart=/usr/sbin/sysctl -qw net.ipv4.ip_forward=1
    ExecStart=-/usr/bin/mount -o remount,rw,bind /sys/fs/cgroup
    ExecStart=-/bin/sh -c 'for c in /sys/fs/cgroup/*/; do mount -o remount,rw,bind $$c || true; done'
    ExecStart=/usr/bin/mount --make-rshared /

    [Install]
    WantedBy=multi-user.target
    "
  `);
});

test('enable links to the unit file of a package', () => {
  expect(enable('containerd.service', '/lib/systemd/system/containerd.service')).toEqual({
    path: '/etc/systemd/system/multi-user.target.wants/containerd.service',
    linkTo: '/lib/systemd/system/containerd.service',
  });
});
