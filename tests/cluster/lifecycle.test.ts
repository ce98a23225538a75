/** An upgrade of a cluster from a terminal: the sunny and the rainy path of the seeds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helmRelease, readOurMetadata } from '../driver/kata-steps.ts';
import { killUpgrade } from '../driver/kill-upgrade.ts';
import { KillingProxy } from '../driver/killing-proxy.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { LifecycleDriver, readKubeconfig, verificationPod } from '../driver/lifecycle.ts';
import { randomNumbers } from '../driver/random-numbers.ts';

const lab = new LabDriver('test-upgrade');
const nodes = ['n1', 'n2', 'n3'];
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** The first node alone takes more. */
const writes = 16;
let proxy: KillingProxy;
let lifecycle: LifecycleDriver;

interface NodeEnd {
  readonly phase: string | null;
  readonly version: string | undefined;
  readonly isCordoned: boolean;
}

async function ends(): Promise<readonly NodeEnd[]> {
  const { stdout } = await lifecycle.run(['--output', 'json', 'status']);
  const { nodes: all } = JSON.parse(stdout) as {
    readonly nodes: readonly {
      readonly phase: string | null;
      readonly installed: string | null;
      readonly isCordoned: boolean;
    }[];
  };
  return all.map(({ phase, installed, isCordoned }) => ({
    phase,
    version: installed?.replace(/-[0-9a-f]{8}$/, ''),
    isCordoned,
  }));
}

beforeAll(async () => {
  await lab.down();
  const engines = ['containerd-2.4', 'containerd-2.2', 'containerd-1.6'];
  await lab.up(engines.flatMap((engine) => ['--engine', engine]));
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

test('rainy, killed once: the pod fails on the second node, which returns to its release; the third is not touched', async () => {
  const pod = verificationPod('case "$NODE_NAME" in n2) exit 3;; esac').replace(
    'command:',
    `env:
        - name: NODE_NAME
          valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
      command:`,
  );
  const random = randomNumbers(seed);
  const kill = {
    index: Math.floor(random() * writes),
    moment: random() < 0.5 ? 'before' : 'after',
  } as const;

  // The whole of it: `make lifecycle-crash`.
  expect(await killUpgrade(lifecycle, proxy, { version: '3.25.0', pod, ...kill })).toBe(true);
  const { exitCode, stderr } = await lifecycle.upgrade('3.25.0', pod);

  const killed = `SEED=${seed}, killed ${kill.moment} write ${kill.index}`;
  expect({ exitCode, stderr }, killed).toMatchObject({ exitCode: 7 });
  expect(await ends()).toEqual([
    { phase: 'completed', version: '3.25.0', isCordoned: false },
    { phase: 'rolled-back', version: '3.24.0', isCordoned: false },
    { phase: null, version: '3.24.0', isCordoned: false },
  ]);
});

test('sunny: every node has the new version, verified', async () => {
  const { exitCode, stderr } = await lifecycle.upgrade('3.25.0', verificationPod('uname -a'));

  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(await ends()).toEqual(
    nodes.map(() => ({ phase: 'completed', version: '3.25.0', isCordoned: false })),
  );
  for (const node of nodes) {
    expect((await readOurMetadata(lab, node))['katacontainers.io/kata-upgrade-status']).toBe('completed');
  }
});
