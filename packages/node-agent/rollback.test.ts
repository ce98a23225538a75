/** Rollback, hold and resume, on a node in memory before a double of the API server. */
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
  test('without management a rollback says that the payload comes back, and how to stay', async () => {
    await installed(walk.first);
    await installed(walk.second);

    await rollBack(await walk.context());

    expect(walk.printed).toContain(
      `installs its payload again; to stay here: kata-deploy rollback --to ${String(await walk.current())} --hold`,
    );
    await installed(walk.second);
    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.25.0' });
  });

  test('a rollback is an Event when it changes something', async () => {
    await installed(walk.first);
    await installed(walk.second);

    await rollBack(await walk.context(), { to: '3.24.0' });
    await rollBack(await walk.context(), { to: '3.24.0' });

    expect(walk.api.events).toEqual(['Installed', 'Upgraded', 'RolledBack']);
  });

  test('a node that came under management while its rollback waited is not held', async () => {
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

  test('--hold keeps it there, whatever starts, until resume', async () => {
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
    expect(walk.printed).toContain('to let it have the payload: kata-deploy resume');

    await resume(await walk.context());
    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.24.0' });
    await installed(walk.second);
    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.25.0' });
  });

  test('what was done is said also while the API server is away', async () => {
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

  test('issue 12.21: a held node whose object was made anew is called held again', async () => {
    await installed(walk.first);
    await rollBack(await walk.context(), { to: '3.24.0', holds: true });
    const serving = { ...walk.api.labels };
    for (const key of Object.keys(walk.api.labels)) delete walk.api.labels[key];
    for (const key of Object.keys(walk.api.annotations)) delete walk.api.annotations[key];

    await lookForDrift(await walk.context());

    expect(walk.api.labels).toEqual(serving);
    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'HeldByAdministrator' });
  });

  test('a resume says of a drifted node no more than is true', async () => {
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

  test('under management --hold is refused and names the approval to set', async () => {
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

  test('an approval that is acted on ends an older hold', async () => {
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
