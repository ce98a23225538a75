/** Two concurrent runs of the installer on one node: the second waits, and the result is that of two runs in a row. */
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { EngineFault } from '../driver/engine-fault.ts';
import { FaultNode, install, journal, type UndisturbedWalk } from '../driver/fault-node.ts';
import type { CommandResult } from '../driver/lab-driver.ts';
import { runMeanwhile, runTogether } from '../driver/scripted-run.ts';

const node = new FaultNode('test-two-installers');
const lockFile = '/run/kata-deploy/lock';
/** The lock of upstream's installer, which any user can take. */
const sharedLock = '/run/lock/kata-deploy.lock';
let walk: UndisturbedWalk;
let slow: EngineFault;

type Run = readonly [version: string, words: readonly string[]];

node.restoreAfterFailure();

beforeAll(async () => {
  await node.up();
  walk = await node.walk();
});

afterAll(async () => {
  await node.lab.down();
});

// So that the second starts while the first is still running.
beforeEach(async () => {
  slow = await EngineFault.inject(node.lab, node.name, 'ExecStartPre=/bin/sleep 4');
});

afterEach(async () => {
  await slow.remove();
  await node.succeed('3.25.0', ['cleanup']);
  expect(await node.state()).toEqual(walk.bare);
});

async function together(first: Run, second: Run): Promise<readonly [CommandResult, CommandResult]> {
  const [a, b] = [first, second].map(([version, words]) => node.installer.command(version, words));
  if (a === undefined || b === undefined) throw new TypeError('there must be two');
  return await runTogether(node.lab, node.name, [a, b], `grep -q kata-deploy ${lockFile}`);
}

function bothWell([first, second]: readonly [CommandResult, CommandResult], holder: string): void {
  expect([first.exitCode, second.exitCode], `${first.stderr}\n${second.stderr}`).toEqual([0, 0]);
  expect(first.stderr).not.toContain('waiting for the lock');
  expect(second.stderr).toMatch(
    new RegExp(
      `waiting for the lock ${lockFile}, held by: kata-deploy ${holder}, process \\d+, since \\d{4}-`,
    ),
  );
}

describe('the second waits, names the holder of the lock, and then', () => {
  test('has nothing to do for the same release', async () => {
    const runs = await together(['3.24.0', install], ['3.24.0', install]);

    bothWell(runs, 'install');
    expect(runs[1].stderr).toContain('nothing to do');
    expect(await node.state()).toEqual(walk.installed);
  });

  test('upgrades to another release', async () => {
    const runs = await together(['3.24.0', install], ['3.25.0', install]);

    bothWell(runs, 'install');
    expect(await node.state()).toEqual(walk.upgraded);
  });

  test('removes what the first installed', async () => {
    const runs = await together(['3.24.0', install], ['3.24.0', ['cleanup']]);

    bothWell(runs, 'install');
    expect(await node.state()).toEqual(walk.bare);
  });

  test('installs what the first removed', async () => {
    await node.succeed('3.24.0', install);

    const runs = await together(['3.24.0', ['cleanup']], ['3.24.0', install]);

    bothWell(runs, 'cleanup');
    expect(await node.state()).toEqual(walk.installed);
  });
});

test('the second continues at once when the first is killed', async () => {
  const [a, b] = [node.installer.command('3.24.0', install), node.installer.command('3.24.0', install)];
  const kill = `test -s ${lockFile} && { (sleep 1; systemctl kill --kill-who=main --signal=SIGKILL ${a.unit}) & }`;

  const [first, second] = await runTogether(node.lab, node.name, [a, b], kill);

  expect(first.exitCode).not.toBe(0);
  expect(second.exitCode, second.stderr).toBe(0);
  expect(await node.state()).toEqual(walk.installed);
});

test('the second also waits for the engine when the first is killed during its restart', async () => {
  const [a, b] = [node.installer.command('3.24.0', install), node.installer.command('3.24.0', install)];
  // The journal's note precedes the restart: containerd may not have stopped yet.
  const isRestarting = `grep -q restart ${journal} && ! systemctl is-active --quiet containerd`;
  const kill = `${isRestarting} && systemctl kill --kill-who=main --signal=SIGKILL ${a.unit}`;

  const [first, second] = await runTogether(node.lab, node.name, [a, b], kill);

  expect(first.exitCode).not.toBe(0);
  expect(second.exitCode, second.stderr).toBe(0);
  expect(second.stderr).toMatch(/waiting for containerd\.service \((de)?activating\)/);
  expect(await node.state()).toEqual(walk.installed);
});

test('a run waits for a lock that another program holds', async () => {
  const lock = `flock --close ${lockFile} sleep 3 & sleep 0.5; `;
  const { text, unit } = node.installer.command('3.24.0', install);

  const run = await runMeanwhile(node.lab, node.name, { text: `${lock} ${text}`, unit }, []);

  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stderr).toContain(`waiting for the lock ${lockFile}, held by: `);
  expect(await node.state()).toEqual(walk.installed);
});

test('issue 12.22: an unprivileged user cannot take our lock, and delays a run by two minutes with the lock of upstream', async () => {
  const asUser = 'setpriv --reuid=nobody --regid=nogroup --clear-groups';
  const posesAsUs = `echo 'kata-deploy install, process 7' >${sharedLock}`;
  const holds = `rm -f ${sharedLock}
    ${asUser} sh -c "${posesAsUs} && exec flock --no-fork ${sharedLock} sleep 600" & holder=$!; sleep 0.5`;
  const { text, unit } = node.installer.command('3.24.0', install);

  const refused = await node.shell(`${asUser} flock ${lockFile} true 2>&1 || true`);
  const run = await runMeanwhile(
    node.lab,
    node.name,
    { text: `{ ${holds}; ${text}; code=$?; kill $holder; rm -f ${sharedLock}; exit $code; }`, unit },
    [],
  );

  expect(refused).toContain('Permission denied');
  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stderr).toContain(`warning: continuing without the lock ${sharedLock}`);
  expect(await node.state()).toEqual(walk.installed);
});
