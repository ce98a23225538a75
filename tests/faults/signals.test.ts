/** SIGTERM in every phase of every command, once and twice, on a node and with the real API server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ClusterInstaller,
  daemonSet,
  name,
  namespace,
  readNodeState,
  type RunOptions,
  waitForDeletion,
} from '../driver/cluster-installer.ts';
import { EngineFault } from '../driver/engine-fault.ts';
import { FaultNode, install, journal, type NodeState, type UndisturbedWalk } from '../driver/fault-node.ts';
import { type Meanwhile, runMeanwhile, type ScriptedRun } from '../driver/scripted-run.ts';

const node = new FaultNode('test-signals');
const installer = new ClusterInstaller(node.lab, node.name, node.installer);
let walk: UndisturbedWalk;
let ended = 0;

node.restoreAfterFailure();

beforeAll(async () => {
  await node.up();
  walk = await node.walk();
  await ClusterInstaller.applyRbac(node.lab);
  await installer.connect();
  // With another labelled node, a removal does not delete the RBAC objects.
  await node.lab.apply({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'elsewhere', labels: { 'kata-deploy.katacontainers.io/default': 'true' } },
  });
});

afterAll(async () => {
  process.stderr.write(`signals: ${ended} runs got SIGTERM\n`);
  await node.lab.down();
});

const term = 'systemctl kill --kill-who=main --signal=SIGTERM $unit';
const termTwice = `${term}; sleep 0.3; ${term}`;
const times = { once: term, twice: termTwice } as const;

const isProgram = (program: string): string =>
  `readlink /proc/$(systemctl show --value --property=MainPID $unit)/exe | grep -q /${program}`;

/** Conditions that are true during each phase, or shortly after it. */
const phases = [
  { phase: 'while it unpacks the release', when: 'ls -d /opt/kata/releases/3.24.0-*' },
  { phase: 'while it switches releases', when: 'test -L /opt/kata/current' },
  { phase: 'while the engine restarts', when: `grep -q restart ${journal}` },
  { phase: 'after its last change', when: `test -e /opt/kata/state/ownership.json && ! test -e ${journal}` },
] as const;

async function makeDaemonSet(): Promise<void> {
  await node.lab.apply(daemonSet());
}

async function deleteDaemonSet(): Promise<void> {
  await node.lab.kubectl(['delete', 'daemonset', name, '--namespace', namespace, '--ignore-not-found']);
  await waitForDeletion(node.lab, ['daemonset', name, '--namespace', namespace]);
}

async function runAndSignal(
  words: readonly string[],
  options: { readonly waits?: boolean; readonly env?: Readonly<Record<string, string>> },
  ...meanwhile: readonly Meanwhile[]
): Promise<ScriptedRun> {
  const run = await runMeanwhile(node.lab, node.name, installer.command(words, options), meanwhile);
  ended += 1;
  expect(run.moments, run.stderr).toBe(meanwhile.length);
  return run;
}

async function succeed(words: readonly string[], options: RunOptions = {}): Promise<void> {
  const { exitCode, stderr } = await installer.run(words, options);
  expect(exitCode, stderr).toBe(0);
}

async function removed(): Promise<void> {
  expect(await node.state()).toEqual(walk.bare);
  expect(await readNodeState(node.lab, node.name)).toEqual({});
}

describe.each(Object.entries(times))('install --once gets SIGTERM %s', (_, signal) => {
  test.each(phases)('$phase, with its DaemonSet: the next run finishes', async ({ when }) => {
    await makeDaemonSet();
    await using _ = await EngineFault.inject(node.lab, node.name, 'ExecStartPre=/bin/sleep 2');

    const run = await runAndSignal(install, {}, { when, act: signal });

    expect(run.exitCode, run.stderr).toBe(143);
    await succeed(install);
    expect(await node.state()).toEqual(walk.installed);
    await deleteDaemonSet();
    await succeed(['cleanup']);
    await removed();
  });

  test.each(phases)('$phase, without its DaemonSet: nothing is left', async ({ when }) => {
    await using _ = await EngineFault.inject(node.lab, node.name, 'ExecStartPre=/bin/sleep 2');

    const run = await runAndSignal(install, {}, { when, act: signal });

    expect(run.exitCode, run.stderr).toBe(143);
    // The waiter of its pod would run this.
    await succeed(['decide']);
    await removed();
  });

  test('while it waits for the lock: it ends at once', async () => {
    await makeDaemonSet();
    const { text, unit } = installer.command(install);
    const lock = 'flock --close /run/kata-deploy/lock sleep 60 & lock=$!; sleep 0.3; ';
    const waiting = { when: 'grep -q "waiting for the lock" $err', act: signal };

    const run = await runMeanwhile(
      node.lab,
      node.name,
      { text: `{ ${lock} ${text}; code=$?; kill $lock; exit $code; }`, unit },
      [waiting],
    );

    expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({
      exitCode: 143,
      stderr: expect.stringContaining(
        'terminated (SIGTERM) while waiting for the lock /run/kata-deploy/lock',
      ),
    });
    await deleteDaemonSet();
    await succeed(['cleanup']);
    await removed();
  });
});

describe.each(Object.entries(times))('plain install gets SIGTERM %s', (_, signal) => {
  const options = { env: { HEALTH_PORT: '18091' } };

  test('while it answers probes, with its DaemonSet: it ends and changes nothing', async () => {
    await makeDaemonSet();

    const run = await runAndSignal(['install'], options, {
      when: 'grep -q "ready; answers probes" $err',
      act: signal,
    });

    expect(run.exitCode, run.stderr).toBe(0);
    expect(await node.state()).toEqual(walk.installed);
    await deleteDaemonSet();
    await succeed(['cleanup']);
    await removed();
  });

  test('while it answers probes, without its DaemonSet: nothing is left', async () => {
    const run = await runAndSignal(['install'], options, {
      when: 'grep -q "ready; answers probes" $err',
      act: signal,
    });

    expect(run.exitCode, run.stderr).toBe(0);
    await removed();
  });
});

describe('the waiter that has become the decision gets SIGTERM again', () => {
  test.each([
    { title: 'while it queries the API server', when: 'true' },
    { title: 'while it removes the installation', when: 'grep -q "removing the installation" $err' },
    { title: 'while the engine restarts', when: `grep -q restart ${journal}` },
  ])('$title: it continues to the end', async ({ when }) => {
    await succeed(install);
    await using _ = await EngineFault.inject(node.lab, node.name, 'ExecStartPre=/bin/sleep 2');
    const waits = { when: isProgram('kata-helper'), act: term };
    const decides = { when: `${isProgram('node')} && ${when} && sleep 0.3`, act: termTwice };

    const run = await runAndSignal(['decide'], { waits: true }, waits, decides);

    expect(run.exitCode, run.stderr).toBe(0);
    await removed();
  });
});

/** Before its signal handler is installed, SIGTERM kills it, for systemd a success; as process 1 of a pod it is not killed. */
const atOnce = { phase: 'at once', when: isProgram('node'), exitCodes: [0, 143] };
const atWork = { phase: 'while it works', when: `test -e ${journal}`, exitCodes: [143] };
const atRestart = {
  phase: 'while the engine restarts',
  when: `grep -q restart ${journal}`,
  exitCodes: [143],
};

describe('cleanup gets SIGTERM', () => {
  test.each([atOnce, atWork, atRestart])('$phase: the next run finishes it', async ({ when, exitCodes }) => {
    await succeed(install);
    await using _ = await EngineFault.inject(node.lab, node.name, 'ExecStartPre=/bin/sleep 2');

    const run = await runAndSignal(['cleanup'], {}, { when, act: term });

    expect(exitCodes, run.stderr).toContain(run.exitCode);
    await succeed(['cleanup']);
    await removed();
  });
});

describe('rollback to a release with another handler gets SIGTERM', () => {
  const rollback = ['rollback', '--to', '3.24.0'];
  let after: NodeState;

  const makeBoth = async (): Promise<void> => {
    await succeed(install);
    await succeed(install, { version: '3.25.0', env: { SHIMS_X86_64: 'qemu' } });
  };

  beforeAll(async () => {
    await makeBoth();
    await succeed(rollback);
    after = await node.state();
    await succeed(['cleanup']);
  });

  // The restart is its last step and comes soon: by then everything is done.
  const beforeEnd = { ...atWork, exitCodes: [0, 143] };
  const atEnd = { ...atRestart, exitCodes: [0] };

  test.each([atOnce, beforeEnd, atEnd])('$phase: the next run finishes it', async ({ when, exitCodes }) => {
    await makeBoth();
    await using slow = await EngineFault.inject(node.lab, node.name, 'ExecStartPre=/bin/sleep 2');

    const run = await runAndSignal(rollback, {}, { when, act: term });

    expect(exitCodes, run.stderr).toContain(run.exitCode);
    expect(await node.served()).toContain('kata-qemu');
    await slow.remove();
    await succeed(rollback);
    expect(await node.state()).toEqual(after);
    await succeed(['cleanup']);
    await removed();
  });
});
