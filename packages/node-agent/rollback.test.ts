/** Rollback, hold and resume, on an in-memory node with a fake API server. */
import type { Payload } from '@kata/artifacts';
import { describe, expect, test, vi } from 'vitest';
import { lookForDrift } from './look-for-drift.ts';
import { ownLock } from './node-lock.ts';
import { resume } from './resume.ts';
import { rollBack } from './rollback.ts';
import { useWalk } from './testkit/use-walk.ts';

const approved = 'katacontainers.io/kata-approved-release';
const kataRuntime = 'katacontainers.io/kata-runtime';

const walk = useWalk();

const installed = async (payload: Payload): Promise<void> => await walk.install({ payload });

describe('an administrator holds a node (issue 12.15)', () => {
  test('without management a rollback names the command that keeps the release', async () => {
    await installed(walk.first);
    await installed(walk.second);

    await rollBack(await walk.context());

    expect(walk.printed).toContain(
      `installs its payload again; to keep this release: kata-deploy rollback --to ${String(await walk.current())} --hold`,
    );
    await installed(walk.second);
    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.25.0' });
  });

  test('only a rollback that changes something is an Event', async () => {
    await installed(walk.first);
    await installed(walk.second);

    await rollBack(await walk.context(), { to: '3.24.0' });
    await rollBack(await walk.context(), { to: '3.24.0' });

    expect(walk.api.events).toEqual(['Installed', 'Upgraded', 'RolledBack']);
  });

  test('a node that becomes managed while its rollback waits is not held', async () => {
    await installed(walk.first);
    await installed(walk.second);
    const before = await walk.current();
    const other = await walk.node.host.lock(ownLock, { holder: 'another run', timeoutMs: 50 });
    const waiting = rollBack(await walk.context(), { holds: true }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(walk.printed).toContain('waiting for the lock'));

    walk.api.list = {};
    await other.release();

    expect(await waiting).toMatchObject({ code: 'KATA_ROLLBACK_MANAGED' });
    expect(await walk.current()).toBe(before);
  });

  test('--hold keeps the release until resume', async () => {
    await installed(walk.first);
    await installed(walk.second);

    await rollBack(await walk.context(), { holds: true });
    const release = await walk.current();
    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'HeldByAdministrator', current: release });
    await installed(walk.second);

    expect(await walk.current()).toBe(release);
    expect(walk.api.status).toMatchObject({
      phase: 'held',
      reason: 'HeldByAdministrator',
      version: '3.24.0',
    });
    expect(walk.api.labels[kataRuntime]).toBe('true');
    expect(walk.printed.split('\n').filter((line) => line.startsWith('held: '))).toEqual([
      `held: an administrator holds this node on ${release}; to install the payload: kata-deploy resume`,
    ]);

    await resume(await walk.context());
    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.24.0' });
    await installed(walk.second);
    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.25.0' });
  });

  test('the outcome is printed also while the API server does not answer', async () => {
    await installed(walk.first);
    await installed(walk.second);
    walk.api.isAway = true;

    await rollBack(await walk.context()).catch(() => undefined);
    expect(walk.printed).toContain('Kata 3.24.0 is active');

    walk.api.isAway = false;
    await rollBack(await walk.context(), { to: '3.24.0', holds: true });
    walk.api.isAway = true;
    await resume(await walk.context()).catch(() => undefined);
    expect(walk.printed).toContain('This node is no longer held');
  });

  test('issue 12.21: a held node reports so again on a recreated Node object', async () => {
    await installed(walk.first);
    await rollBack(await walk.context(), { to: '3.24.0', holds: true });
    const serving = { ...walk.api.labels };
    for (const key of Object.keys(walk.api.labels)) delete walk.api.labels[key];
    for (const key of Object.keys(walk.api.annotations)) delete walk.api.annotations[key];

    await lookForDrift(await walk.context());

    expect(walk.api.labels).toEqual(serving);
    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'HeldByAdministrator' });
  });

  test('resume leaves the status of a drifted node', async () => {
    await installed(walk.first);
    await rollBack(await walk.context(), { to: '3.24.0', holds: true });
    await walk.node.host.files.remove('/opt/kata/current');
    await lookForDrift(await walk.context({ environment: { DRIFT: 'report' } }));
    expect(walk.api.status).toMatchObject({ phase: 'drifted' });

    await resume(await walk.context());
    expect(walk.api.status).toMatchObject({ phase: 'drifted' });

    await lookForDrift(await walk.context());
    expect(walk.api.status).toMatchObject({ phase: 'installed', reason: 'Installed' });
    expect(walk.api.labels[kataRuntime]).toBe('true');
  });

  test('on a managed node --hold is refused, with the approval to set', async () => {
    await installed(walk.first);
    await installed(walk.second);
    walk.api.list = {};
    const before = walk.node.tree();

    await expect(rollBack(await walk.context(), { holds: true })).rejects.toMatchObject({
      code: 'KATA_ROLLBACK_MANAGED',
      exitCode: 4,
      hint: expect.stringMatching(/kubectl annotate node n1 --overwrite \S+=3\.24\.0-[0-9a-f]{8}$/) as string,
    });
    expect(walk.node.tree()).toEqual(before);
  });

  test('following an approval ends an older hold', async () => {
    await installed(walk.first);
    await installed(walk.second);
    await rollBack(await walk.context(), { holds: true });
    walk.api.list = {};
    walk.api.annotations[approved] = '3.25.0';

    await installed(walk.second);

    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.25.0', approved: '3.25.0' });
    const { record } = await (await walk.context()).installation.readFacts();
    expect(record?.hold).toBeUndefined();
  });
});
