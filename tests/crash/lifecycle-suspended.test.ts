/** A process of kata-lifecycle that is suspended while another one takes its place: it changes nothing afterwards. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helmRelease } from '../driver/kata-steps.ts';
import { KillingProxy } from '../driver/killing-proxy.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { LifecycleDriver, readKubeconfig, verificationPod } from '../driver/lifecycle.ts';
import { monitor } from '../driver/monitor.ts';

const lab = new LabDriver('crash-suspended');
const pod = verificationPod('uname -a');
const versions = ['3.25.0', '3.24.0'];
let proxy: KillingProxy;
/** Through the proxy. */
let suspended: LifecycleDriver;
let other: LifecycleDriver;

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  await helmRelease(lab, '3.24.0', 'install');
  await lab.kubectl(['label', 'nodes', '--all', 'katacontainers.io/kata-upgrade-window=true']);
  proxy = await KillingProxy.start(await readKubeconfig(lab), 'kata-lifecycle');
  suspended = await LifecycleDriver.open(lab, proxy.kubeconfig);
  other = await LifecycleDriver.open(lab);
});

afterAll(async () => {
  await lab.down();
  await proxy[Symbol.asyncDispose]();
});

/** From the preparation of the node to its end. */
test.each([3, 5, 7, 9, 11, 13].map((index, round) => ({ index, version: versions[round % 2] ?? '' })))(
  'suspended before write $index',
  async ({ index, version }) => {
    let send: (signal: NodeJS.Signals) => void = () => undefined;
    const isStopped = Promise.withResolvers<void>();
    const ended = suspended.upgrade(version, pod, {
      onStart: (kill) => {
        send = kill;
        const stop = (): void => {
          kill('SIGSTOP');
          isStopped.resolve();
        };
        proxy.arm({ index, moment: 'before', kill: stop });
      },
    });
    await Promise.race([isStopped.promise, ended]);
    const at = proxy.writes.at(-1) ?? '';

    const taken = await other.upgrade(version, pod, { words: ['--take-over'] });
    const before = await monitor(lab);
    proxy.arm();
    send('SIGCONT');
    const { exitCode, stderr } = await ended;

    process.stderr.write(`suspended before write ${index} (${at}): then exit code ${exitCode}\n`);
    expect(taken, stderr).toMatchObject({ exitCode: 0 });
    expect({ exitCode, accepted: proxy.accepted }, stderr).toEqual({ exitCode: 4, accepted: [] });
    expect(await monitor(lab)).toEqual(before);
    expect(before).toEqual([`n1 Ready true completed ${version}`]);
  },
);
