/** Kills kata-lifecycle before and after each of its writes, on the way to success and to a rollback, and runs it again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helmRelease } from '../driver/kata-steps.ts';
import { killUpgrade } from '../driver/kill-upgrade.ts';
import { KillingProxy } from '../driver/killing-proxy.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { LifecycleDriver, readKubeconfig, verificationPod } from '../driver/lifecycle.ts';

const lab = new LabDriver('crash-lifecycle');
const minute = 60_000;
let proxy: KillingProxy;
let lifecycle: LifecycleDriver;

interface FleetStatus {
  readonly nodes: readonly {
    readonly phase: string | null;
    readonly installed: string | null;
    readonly isCordoned: boolean;
  }[];
}

async function endOfNode(): Promise<string> {
  const { stdout } = await lifecycle.run(['--output', 'json', 'status']);
  const [node] = (JSON.parse(stdout) as FleetStatus).nodes;
  const pods = await lab.kubectl([
    ...['get', 'pods', '--selector=katacontainers.io/kata-lifecycle-run', '--output=name'],
  ]);
  const version = node?.installed?.replace(/-[0-9a-f]{8}$/, '');
  return [node?.phase, version, node?.isCordoned === true ? 'cordoned' : '', pods.trim()]
    .filter((part) => part !== '')
    .join(' ');
}

/** Every write once before and once after it; `versionOf`: the target of each round. */
async function killEverywhere(
  name: string,
  pod: string,
  versionOf: (round: number) => string,
  endOf: (version: string) => { readonly exitCode: number; readonly node: string },
): Promise<number> {
  let kills = 0;
  for (let index = 0; ; index += 1) {
    for (const moment of ['before', 'after'] as const) {
      const version = versionOf(kills);
      if (!(await killUpgrade(lifecycle, proxy, { version, pod, index, moment }))) return kills;
      kills += 1;
      const what = `${name}, killed ${moment} write ${index}`;
      const { exitCode, stderr } = await lifecycle.upgrade(version, pod);
      process.stderr.write(`${what}: ${proxy.writes.length} writes were left\n`);
      const wanted = endOf(version);
      // A kill after the end of the run was recorded leaves nothing to do.
      expect([wanted.exitCode, 0], `${what}\n${stderr}`).toContain(exitCode);
      expect(await endOfNode(), `${what}\n${stderr}`).toBe(wanted.node);
    }
  }
}

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  await helmRelease(lab, '3.24.0', 'install');
  await lab.kubectl(['label', 'nodes', '--all', 'katacontainers.io/kata-upgrade-window=true']);
  proxy = await KillingProxy.start(await readKubeconfig(lab), 'kata-lifecycle');
  lifecycle = await LifecycleDriver.open(lab, proxy.kubeconfig);
});

afterAll(async () => {
  await lab.down();
  await proxy[Symbol.asyncDispose]();
});

test(
  'an upgrade that is killed anywhere is finished by the same command',
  async () => {
    const versionOf = (round: number): string => (round % 2 === 0 ? '3.25.0' : '3.24.0');

    const kills = await killEverywhere('upgrade', verificationPod('uname -a'), versionOf, (version) => ({
      exitCode: 0,
      node: `completed ${version}`,
    }));

    expect(kills).toBeGreaterThan(20);
  },
  45 * minute,
);

test(
  'a rollback that is killed anywhere is finished by the same command',
  async () => {
    const { stdout } = await lifecycle.run(['--output', 'json', 'status']);
    const installed = (JSON.parse(stdout) as FleetStatus).nodes[0]?.installed ?? '';
    const [other, own] = installed.startsWith('3.24') ? ['3.25.0', '3.24.0'] : ['3.24.0', '3.25.0'];

    const kills = await killEverywhere(
      'rollback',
      verificationPod('exit 1'),
      () => other,
      () => ({ exitCode: 7, node: `rolled-back ${own}` }),
    );

    expect(kills).toBeGreaterThan(20);
  },
  45 * minute,
);
