/** containerd on a node does not restart, restarts late, or does not serve the new handlers. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toolProgram } from '../driver/containerd-loader.ts';
import { EngineFault } from '../driver/engine-fault.ts';
import { FaultNode, install, expectFailure, type UndisturbedWalk } from '../driver/fault-node.ts';

const node = new FaultNode('test-engine-faults');
const containerd = '$(systemctl cat containerd | sed -n "s/^ExecStart=//p" | head -n 1)';
let walk: UndisturbedWalk;

node.restoreAfterFailure();

beforeAll(async () => {
  await node.up();
  walk = await node.walk();
});

afterAll(async () => {
  await node.lab.down();
});

const inject = async (...service: readonly string[]): Promise<EngineFault> =>
  await EngineFault.inject(node.lab, node.name, ...service);

const restoreMain = `rm -rf /etc/containerd/conf.d; sed -i 2d /etc/containerd/config.toml; systemctl restart containerd`;

async function removeAll(): Promise<void> {
  await node.succeed('3.24.0', ['cleanup']);
  expect(await node.state()).toEqual(walk.bare);
}

describe('containerd does not restart', () => {
  test.each([
    { title: 'because its ExecStartPre fails', service: ['ExecStartPre=/bin/false'] },
    { title: 'because its program is missing', service: ['ExecStart=', 'ExecStart=/no/containerd'] },
    {
      title: 'because it never reports that it is ready',
      service: ['ExecStart=', 'ExecStart=/bin/sleep 600', 'TimeoutStartSec=3'],
    },
  ])('$title: the installation is rolled back and reports it', async ({ service }) => {
    await using fault = await inject(...service);

    const result = await node.run('3.24.0', install);

    expectFailure(result, 7, 'failed with the new configuration', 'but it did not start again');
    await fault.remove();
    expect(await node.state()).toEqual(walk.bare);
    await node.succeed('3.24.0', install);
    expect(await node.state()).toEqual(walk.installed);
    await removeAll();
  });

  test('with our handlers in its files: it runs again with the previous files', async () => {
    const refuses = `ExecStartPre=/bin/sh -c '! grep -q kata /etc/containerd/config.toml'`;
    await using fault = await inject(refuses);

    const result = await node.run('3.24.0', install);

    expectFailure(result, 7, 'it runs again with its previous configuration', 'journalctl');
    expect(await node.state()).toEqual(walk.bare);
    await fault.remove();
    await node.succeed('3.24.0', install);
    expect(await node.state()).toEqual(walk.installed);
    await removeAll();
  });

  test('after a removal: the removal fails and the next run finishes it', async () => {
    await node.succeed('3.24.0', install);
    await using fault = await inject('ExecStartPre=/bin/false');

    expectFailure(await node.run('3.24.0', ['cleanup']), 3, 'cannot restart containerd.service');

    await fault.remove();
    await removeAll();
  });

  test('and was already stopped: the run is refused before anything changes', async () => {
    await using fault = await inject('ExecStartPre=/bin/false');
    await node.shell('systemctl stop containerd');

    expectFailure(
      await node.run('3.24.0', install),
      3,
      'does not answer on its socket; containerd.service is inactive',
      'journalctl --unit containerd',
    );

    await fault.remove();
    expect(await node.state()).toEqual(walk.bare);
  });
});

test('a restart that systemd refuses is reported as such, and the engine keeps running', async () => {
  await using fault = await inject('[Unit]', 'RefuseManualStart=yes');
  const start = 'systemctl show containerd -p InvocationID';
  const before = await node.shell(start);

  expectFailure(await node.run('3.24.0', install), 3, 'cannot restart containerd.service: OnlyByDependency');

  expect(await node.shell(start)).toBe(before);
  await fault.remove();
  expect(await node.state()).toEqual(walk.bare);
  await node.succeed('3.24.0', install);
  expect(await node.state()).toEqual(walk.installed);
  await removeAll();
});

test('an engine that fails at its first start and is started again by systemd is rolled back', async () => {
  const once = `ExecStartPre=/bin/sh -c 'test -e /run/kata-fault-met || { touch /run/kata-fault-met; exit 1; }'`;
  await using fault = await inject(once);

  const result = await node.run('3.24.0', install);

  expectFailure(result, 7, 'runs again with its previous configuration');
  expect(await node.state()).toEqual(walk.bare);
  await node.shell('rm /run/kata-fault-met');
  await fault.remove();
  await node.succeed('3.24.0', install);
  expect(await node.state()).toEqual(walk.installed);
  await removeAll();
});

describe('issues 12.2 and 12.6: foreign changes of the unit', () => {
  const starts = async (): Promise<string> =>
    await node.shell('journalctl --unit containerd --output cat | grep -c "starting containerd"');

  test("an engine that has reached systemd's start limit is still restarted", async () => {
    await using limited = await inject(
      'Restart=no',
      '[Unit]',
      'StartLimitIntervalSec=600',
      'StartLimitBurst=3',
    );
    await node.shell(
      'systemctl reset-failed containerd; for i in 1 2 3; do systemctl restart containerd; done',
    );

    await node.succeed('3.24.0', install);

    expect(await node.state()).toEqual(walk.installed);
    await removeAll();
    await limited.remove();
  });

  test('an engine that runs as another unit is refused, with the names of both units, and nothing is started', async () => {
    await node.shell(`systemctl stop containerd
      systemd-run --unit=other-containerd --property=KillMode=process --property=Delegate=yes "${containerd}"
      for i in $(seq 50); do ctr version >/dev/null 2>&1 && break; sleep 0.2; done`);

    const result = await node.run('3.24.0', install);

    expectFailure(result, 3, 'containerd.service is inactive', 'other-containerd.service');
    expect(await node.shell('systemctl is-active containerd || true')).toBe('inactive');
    await node.shell('systemctl stop other-containerd; systemctl start containerd');
    expect(await node.state()).toEqual(walk.bare);
  });

  test('a file dated tomorrow (cases/13-mtime-in-future) causes one restart, and no run fails', async () => {
    await node.shell("touch -d '+1 day' /etc/containerd/config.toml");
    const before = Number(await starts());

    await node.succeed('3.24.0', install);
    await node.shell("touch -d '+1 day' /etc/containerd/config.toml");
    const { stderr } = await node.run('3.24.0', install);

    expect(stderr).toContain('nothing to do');
    expect(Number(await starts())).toBe(before + 1);
    await removeAll();
  });
});

describe('issues 12.2 to 12.4: the program that the restart would start checks the configuration first', () => {
  const dropIns = '/etc/containerd/conf.d';
  const setMain = `sed -i '1a imports = ["${dropIns}/*.toml"]' /etc/containerd/config.toml; mkdir -p ${dropIns}`;
  const look =
    'find /opt /etc/containerd; ls -d /run/kata-deploy/loader* | grep -v lock; systemctl show containerd -p MainPID';
  const neighbour = `[plugins."io.containerd.gc.v1.scheduler"]\n  pause_threshold = "high"\n`;

  test("a foreign file that only containerd's loader refuses is refused with its message, and nothing changes", async () => {
    await node.shell(`${setMain}; systemctl restart containerd`);
    await node.lab.onNode(node.name, ['tee', `${dropIns}/99-gpu.toml`], neighbour);
    const before = await node.shell(look);

    const result = await node.run('3.24.0', install);

    expectFailure(
      result,
      3,
      'containerd v2.2.1, which a restart of containerd.service would start',
      'PauseThreshold',
      `${dropIns}/99-gpu.toml`,
    );
    expect(await node.shell('systemctl --failed --plain --no-legend')).not.toContain('kata-deploy');
    expect(await node.shell(look)).toBe(before);
    await node.shell(restoreMain);
  });

  test('an accepted configuration is planned without a note', async () => {
    await node.shell(`${setMain}; systemctl restart containerd`);
    const { stdout, stderr } = await node.run('3.24.0', ['plan']);

    expect(`${stdout}${stderr}`).toContain('restart containerd.service');
    expect(`${stdout}${stderr}`).not.toContain('could not check');
    await node.shell(restoreMain);
  });

  test('a newer version on disk than the running one is planned for, in one run', async () => {
    const next = '/run/containerd-next';
    await node.lab.onNode(node.name, ['tee', next], await readFile(await toolProgram('containerd-2.4')));
    await node.shell(`chmod 755 ${next}`);
    await using fault = await inject('ExecStart=', `ExecStart=${next}`);

    const result = await node.run('3.24.0', install);

    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stderr).toContain('containerd v2.4.2 is installed and v2.2.1 is running');
    expect((await node.run('3.24.0', ['plan'])).stdout).toBe('Nothing to do.');
    await node.succeed('3.24.0', ['cleanup']);
    await fault.remove();
    expect(await node.state()).toEqual(walk.bare);
  });

  test('a unit that starts a script, which has no loader, is planned with our own check and a note', async () => {
    await node.shell(`printf '#!/bin/sh\\nexec %s\\n' "${containerd}" >/run/wrapped; chmod 755 /run/wrapped`);
    await using fault = await inject('ExecStart=', 'ExecStart=/run/wrapped');

    const { stdout, stderr } = await node.run('3.24.0', ['plan']);

    expect(`${stdout}${stderr}`).toContain('could not check its new configuration');
    await fault.remove();
    expect(await node.state()).toEqual(walk.bare);
  });
});

test('a run waits for an engine that restarts slowly', async () => {
  await using slow = await inject('ExecStartPre=/bin/sleep 10');

  await node.succeed('3.24.0', install);

  expect(await node.state()).toEqual(walk.installed);
  await slow.remove();
  await removeAll();
});

test('handlers that are not served, because the engine reads other files, are rolled back', async () => {
  await node.shell(`cp -a /etc/containerd/config.toml /run/other.toml
    printf '#!/bin/sh\\nexec %s --config /run/other.toml\\n' "${containerd}" >/run/other-containerd
    chmod 755 /run/other-containerd`);
  await using fault = await inject('ExecStart=', 'ExecStart=/run/other-containerd');
  await node.shell('systemctl restart containerd');

  const result = await node.run('3.24.0', install);

  expectFailure(result, 7, 'missing: kata-qemu, kata-clh', 'runs again with its previous configuration');
  expect(await node.state()).toEqual(walk.bare);
  await fault.remove();
  await node.succeed('3.24.0', install);
  expect(await node.state()).toEqual(walk.installed);
  await removeAll();
});
