/** What else happens to an installation: Helm without kata-lifecycle, other values, another installation, other runs, a missing image. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fleet, fewShims, textOf, whole } from '../driver/fleet.ts';
import { helm, namespace } from '../driver/helm.ts';
import { waitForRollout } from '../driver/kata-steps.ts';
import { copyImage, pushChart } from '../driver/lab-registry.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { gpuPod, gpuResource, offerGpu, seedPod } from '../driver/seed-pods.ts';

const nodes = ['n1', 'n2'] as const;
let fleet: Fleet;

/** Everything of the nodes that a run writes. */
async function written(): Promise<unknown> {
  const objects = await Promise.all(nodes.map(async (node) => await fleet.object(node)));
  return objects.map(({ metadata: { labels, annotations }, spec }) => ({ labels, annotations, spec }));
}

function all(end: string): Readonly<Record<string, string>> {
  return Object.fromEntries(nodes.map((node) => [node, end]));
}

/** As somebody who does not use kata-lifecycle. */
async function plainUpgrade(version: string, values: object = {}): Promise<void> {
  await helm(fleet.lab, 'upgrade', {
    version,
    values: { ...fewShims, ...values },
    words: ['--wait', '--timeout', '3m'],
  });
  await waitForRollout(fleet.lab);
}

beforeAll(async () => {
  fleet = await Fleet.bare('lifecycle-install', ['containerd-2.4', 'containerd-1.6']);
  await fleet.install('3.24.0');
  await fleet.lab.kubectl(['label', 'nodes', '--all', 'katacontainers.io/kata-upgrade-window=true']);
});

afterAll(async () => {
  await fleet.down();
});

describe('Helm without kata-lifecycle', () => {
  test('came first: the first run manages what is there', async () => {
    const before = await fleet.lifecycle.run(['status']);
    expect(before.stdout).toMatch(/^not managed; no run yet\n/);
    expect(await fleet.ends()).toEqual(all('untouched 3.24.0'));

    const planned = await fleet.lifecycle.plan('3.25.0', whole);
    const ended = await fleet.lifecycle.upgrade('3.25.0', whole);

    expect(planned.stdout).toContain('first approves what each node has: n1, n2');
    expect(ended.exitCode, textOf(ended)).toBe(0);
    expect(await fleet.ends()).toEqual(all('completed 3.25.0'));
    expect((await fleet.lifecycle.run(['status'])).stdout).toMatch(/^managed; run \S+: succeeded\n/);
  });

  test('changes no node afterwards: helm --wait and rollout status return, and an offer waits', async () => {
    await fleet.begin('3.25.0');
    const installers = await fleet.installers();

    await plainUpgrade('3.24.0');

    expect(await fleet.ends()).toEqual(all('completed 3.25.0'));
    for (const node of nodes) {
      expect((await fleet.installers())[node]).not.toBe(installers[node]);
      const { why, next } = await fleet.node(node);
      expect(why).toMatch(/^release 3\.24\.0-\w+ is offered and not approved; it stays on 3\.25\.0-\w+$/);
      expect(next).toContain('kata-lifecycle upgrade --to 3.24.0');
    }
    const refused = await fleet.lifecycle.run(['unmanage']);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toMatch(/n1 \(has 3\.25\.0-\w+, offered 3\.24\.0-\w+\)/);
  });

  test('has made the revision that a run would make: the run makes none', async () => {
    await fleet.begin('3.25.0');
    await plainUpgrade('3.24.0');
    const revision = await fleet.revision();

    const ended = await fleet.lifecycle.upgrade('3.24.0', whole);

    expect(ended.exitCode, textOf(ended)).toBe(0);
    expect(await fleet.ends()).toEqual(all('completed 3.24.0'));
    expect(await fleet.revision()).toBe(revision);
  });
});

test('the same version again changes no node', async () => {
  await fleet.begin();
  const [before, installers, revision] = [await written(), await fleet.installers(), await fleet.revision()];

  const ended = await fleet.lifecycle.upgrade('3.24.0', whole);

  expect(ended.exitCode, textOf(ended)).toBe(0);
  expect(ended.stderr).toMatch(/n1: left alone: has release 3\.24\.0-\w+, which run \S+ verified/);
  expect(await written()).toEqual(before);
  expect(await fleet.installers()).toEqual(installers);
  expect(await fleet.revision()).toBe(revision);
});

describe('other values under the same version', () => {
  test('are held, rolled out, and rolled back', async () => {
    await fleet.begin();
    const { installed: first } = await fleet.node('n1');

    await plainUpgrade('3.24.0', { debug: true });
    const held = await fleet.node('n1');

    expect(held).toMatchObject({ installed: first, approved: first });
    expect(held.why).toMatch(/^release 3\.24\.0-\w+ is offered and not approved; it stays on 3\.24\.0-\w+$/);

    const revision = await fleet.revision();
    const out = await fleet.lifecycle.upgrade('3.24.0', whole);
    const { installed: second } = await fleet.node('n1');

    expect(out.exitCode, textOf(out)).toBe(0);
    expect(await fleet.revision()).toBe(revision);
    expect(second).toBe(held.offered);
    expect(await fleet.ends()).toEqual(all('completed 3.24.0'));

    const back = await fleet.lifecycle.upgrade('3.24.0', verificationPod('exit 9'), {
      words: ['--set', 'debug=false'],
    });

    expect(back.exitCode, textOf(back)).toBe(7);
    expect(await fleet.node('n1')).toMatchObject({ phase: 'rolled-back', installed: second });
    expect(await fleet.node('n2')).toMatchObject({ phase: 'completed', installed: second });
    const values = await fleet.lab.lab([
      ...['helm', 'get', 'values', 'kata-deploy', '--namespace', namespace, '--output', 'json'],
    ]);
    expect(JSON.parse(values)).toMatchObject({ debug: true });

    await plainUpgrade('3.24.0');
    await fleet.begin();
    expect(await fleet.node('n1')).toMatchObject({ installed: first });
  });
});

describe("the seeds' pods", () => {
  test('the first', async () => {
    await copyImage(fleet.lab, 'busybox:1', 'kata-containers/alpine-bash-curl:latest');
    await fleet.begin();

    const ended = await fleet.lifecycle.upgrade('3.25.0', seedPod);

    expect(ended.exitCode, textOf(ended)).toBe(0);
    expect(await fleet.ends()).toEqual(all('completed 3.25.0'));
  });

  test('that for GPUs, with a resource that stands for them', async () => {
    await copyImage(fleet.lab, 'busybox:1', 'nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04');
    await fleet.begin();
    await offerGpu(fleet.lab, 'n1');

    const ended = await fleet.lifecycle.upgrade('3.25.0', gpuPod, { words: ['--node', 'n1'] });

    expect(ended.exitCode, textOf(ended)).toBe(0);
    expect(await fleet.ends()).toEqual({ n1: 'completed 3.25.0', n2: 'completed 3.24.0' });

    const without = await fleet.lifecycle.verify(['n2'], gpuPod, ['--verification-timeout', '10s']);
    expect(without.exitCode, textOf(without)).toBe(7);
    expect(without.stdout).toContain(`Insufficient ${gpuResource}`);
  });
});

describe('two runs at once', () => {
  test('the second is refused and names the first; with --take-over it goes on instead', async () => {
    await fleet.begin();
    const pod = verificationPod('sleep 15');

    const first = fleet.lifecycle.upgrade('3.25.0', pod);
    await fleet.untilPhase('n1', 'verifying');
    const second = await fleet.lifecycle.upgrade('3.25.0', pod);
    const third = await fleet.lifecycle.upgrade('3.25.0', pod, { words: ['--take-over'] });
    const deposed = await first;

    expect(second.exitCode, textOf(second)).toBe(4);
    expect(second.stderr).toMatch(/another run is in progress: process \d+ on \S+/);
    expect(second.stderr).toContain('--take-over');
    expect(deposed.exitCode, textOf(deposed)).toBe(4);
    expect(deposed.stderr).toMatch(/this process changes nothing more, because /);
    expect(textOf(third)).not.toContain('the verification pod failed');
    expect(third.exitCode, textOf(third)).toBe(0);
    expect(await fleet.ends()).toEqual(all('completed 3.25.0'));
  });
});

test('an image that cannot be pulled ends the run before any node is touched', async () => {
  await fleet.begin();
  await pushChart(fleet.lab, '3.27.0');
  const before = (await Promise.all(nodes.map(async (node) => await fleet.object(node)))).map(
    ({ spec }) => spec,
  );

  const ended = await fleet.lifecycle.upgrade('3.27.0', whole);

  expect(ended.exitCode, textOf(ended)).toBe(5);
  expect(ended.stderr).toContain('no node was changed');
  expect(ended.stderr).toMatch(/n1.*registry\.lab:5000\/kata-deploy:3\.27\.0/s);
  expect(await fleet.ends()).toEqual(all('completed 3.24.0'));
  const after = await Promise.all(nodes.map(async (node) => await fleet.object(node)));
  expect(after.map(({ spec }) => spec)).toEqual(before);
  expect(await fleet.chartVersion()).toBe('3.24.0');
});

describe('a second installation', () => {
  const release = ['--release', 'kata-two'];

  async function installed(node: string): Promise<string | undefined> {
    const { stdout } = await fleet.lifecycle.run([...release, '--output', 'json', 'nodes']);
    const listed = JSON.parse(stdout) as {
      readonly nodes: readonly { readonly node: string; readonly installed: string | null }[];
    };
    return listed.nodes.find((one) => one.node === node)?.installed?.replace(/-\w{8}$/, '');
  }

  test('is left alone, and has a management of its own', async () => {
    await fleet.begin();
    await fleet.installSecond('kata-two', 'two', '3.24.0');
    expect(await installed('n1')).toBe('3.24.0');

    await fleet.begin('3.25.0');
    expect(await installed('n1')).toBe('3.24.0');
    const own = await fleet.lifecycle.run([...release, 'status']);
    expect(own.stdout).toMatch(/^not managed; no run yet\n/);

    const ended = await fleet.lifecycle.upgrade('3.25.0', whole.replace('kata-qemu', 'kata-qemu-two'), {
      words: release,
    });

    expect(ended.exitCode, textOf(ended)).toBe(0);
    expect(await installed('n1')).toBe('3.25.0');
    const managing = await fleet.lab.kubectl([
      ...['get', 'configmaps', '--namespace', namespace, '--output=name'],
    ]);
    expect(managing.split('\n')).toEqual(
      expect.arrayContaining(['configmap/kata-lifecycle', 'configmap/kata-lifecycle-two']),
    );
  });
});
