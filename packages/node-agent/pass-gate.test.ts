/** The approval gate, on an in-memory node with a fake API server. */
import type { Payload } from '@kata/artifacts';
import { systemError } from '@kata/host';
import { readHold, recordUnknownDecision, readUnknownDecision, setHold } from '@kata/installer';
import { describe, expect, test, vi } from 'vitest';
import { ownLock } from './node-lock.ts';
import { useWalk } from './testkit/use-walk.ts';
import { lookForDrift } from './look-for-drift.ts';

const approved = 'katacontainers.io/kata-approved-release';
const kataRuntime = 'katacontainers.io/kata-runtime';

const walk = useWalk();

const installed = async (payload: Payload): Promise<void> => await walk.install({ payload });

describe('behind the gate (issue 12.13)', () => {
  test('a held node reports the offered release and counts attempts', async () => {
    walk.api.list = {};
    await installed(walk.first);
    const { time, ...status } = walk.api.status;
    await installed(walk.first);

    expect(status).toEqual({
      phase: 'held',
      reason: 'NotApproved',
      version: '',
      release: '',
      offered: expect.stringMatching(/^3\.24\.0-[0-9a-f]{8}$/) as string,
      podUid: 'pod-1',
      attempt: 1,
    });
    expect(walk.api.status).toEqual({ ...status, time, attempt: 2 });
    expect(walk.api.labels).toEqual({});
    expect(walk.api.events).toEqual(['Held']);
    expect(walk.api.notes).toEqual([
      'held: no release is approved for this node; the node stays without Kata. To roll it out: kata-lifecycle upgrade --to 3.24.0',
    ]);
  });

  test('a hold ends only when the approved release is installed, not when that fails', async () => {
    await installed(walk.first);
    const { host } = walk.node;
    const current = (await walk.current()) ?? '';
    await setHold(host, '/opt/kata', { release: current, since: '2026-11-27T00:00:00.000Z' });
    walk.api.list = {};
    walk.api.annotations[approved] = '3.25.0';

    walk.node.isUnresponsive = true;
    await expect(installed(walk.second)).rejects.toThrow();
    expect(await readHold(host, '/opt/kata')).toMatchObject({ release: current });

    walk.node.isUnresponsive = false;
    await installed(walk.second);
    expect(await readHold(host, '/opt/kata')).toBeUndefined();
    expect(await walk.current()).toMatch(/^3\.25\.0-/);
  });

  test('a held node keeps its labels while it serves, and loses them when it does not', async () => {
    await installed(walk.first);
    const serving = { ...walk.api.labels };
    walk.api.list = {};

    await installed(walk.second);
    expect(walk.api.labels).toEqual(serving);
    expect(walk.api.status).toMatchObject({
      phase: 'held',
      current: await walk.current(),
      version: '3.24.0',
    });

    await walk.node.host.files.write('/etc/containerd/config.toml', Buffer.from('version = 2\n'));
    await walk.node.boot();
    await installed(walk.second);
    expect(walk.api.labels).toEqual({
      [kataRuntime]: 'false',
      'kata-deploy.katacontainers.io/default': 'false',
    });
  });

  test('issue 12.21: a held node whose files are gone loses its labels, although its engine still lists the handlers', async () => {
    await installed(walk.first);
    walk.api.list = {};
    await walk.node.host.files.remove('/opt/kata/bin');

    await installed(walk.second);

    expect(walk.api.labels).toEqual({
      [kataRuntime]: 'false',
      'kata-deploy.katacontainers.io/default': 'false',
    });
    expect(walk.api.status).toMatchObject({ phase: 'held' });
  });

  test('issue 12.21: labels of a held node are restored on a recreated Node object, with an Event', async () => {
    await installed(walk.first);
    walk.api.list = {};
    await installed(walk.second);
    const serving = { ...walk.api.labels };
    const recreateNode = (...keys: readonly string[]): void => {
      for (const key of Object.keys(walk.api.labels)) delete walk.api.labels[key];
      for (const key of keys) delete walk.api.annotations[key];
    };

    recreateNode(...Object.keys(walk.api.annotations));
    await installed(walk.second);
    expect(walk.api.labels).toEqual(serving);
    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'NotApproved' });
    expect(walk.api.events).toEqual(['Installed', 'Held', 'NodeReturned', 'Held']);

    recreateNode();
    await lookForDrift(await walk.context());
    expect(walk.api.labels).toEqual(serving);
    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'NotApproved' });
  });

  test('issue 12.21: a held machine that was recreated under its name loses the labels of handlers', async () => {
    const handler = 'handler.katacontainers.io/kata-qemu-snp';
    const own = 'kata-deploy.katacontainers.io/default';
    Object.assign(walk.api.labels, { [kataRuntime]: 'true', [own]: 'true', [handler]: 'true', zone: 'a' });
    walk.api.list = {};

    await installed(walk.first);

    expect(walk.api.labels).toEqual({ zone: 'a' });
  });

  test('issue 12.21: a held node no longer reports an unknown cleanup decision', async () => {
    await installed(walk.first);
    const context = await walk.context();
    const { prefix } = context.config.settings;
    await recordUnknownDecision(context.host, prefix, 'the API server did not answer');
    walk.api.list = {};

    await installed(walk.second);

    expect(walk.api.status).toMatchObject({ phase: 'held' });
    expect(await readUnknownDecision(context.host, prefix)).toBeUndefined();
  });

  test('the gate is read under the lock', async () => {
    await installed(walk.first);
    const other = await walk.node.host.lock(ownLock, { holder: 'another run', timeoutMs: 50 });
    const waiting = installed(walk.second);
    await vi.waitFor(() => expect(walk.printed).toContain('waiting for the lock'));

    walk.api.list = {};
    await other.release();
    await waiting;

    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'NotApproved', version: '3.24.0' });
  });

  test('an interrupted switch is finished, although its record is written already', async () => {
    await installed(walk.first);
    await installed(walk.second);
    const release = String(await walk.current());
    walk.api.list = {};
    walk.api.annotations[approved] = release;
    // Killed after the record was written and before the link was set.
    const { previous } = (await (await walk.context()).installation.readFacts()).record ?? {};
    await walk.node.host.files.setLink('/opt/kata/current', `releases/${previous}`);
    await walk.node.boot();
    expect(walk.node.served()).toContain('shim 3.24.0');

    await installed(walk.first);

    expect(walk.node.served()).toBe('kata-qemu-snp by shim 3.25.0, kata-remote by shim 3.25.0');
    expect(walk.api.status).toMatchObject({
      phase: 'installed',
      approved: release,
      current: release,
      previous,
    });
  });

  test('a held node finishes an interrupted run, and installs nothing new', async () => {
    await installed(walk.first);
    const before = walk.node.served();
    walk.node.onStep = ({ path }) => {
      if (path.includes('/opt/kata/current')) throw new Error('killed');
    };
    await expect(installed(walk.second)).rejects.toThrow('killed');
    walk.node.onStep = undefined;
    walk.api.list = {};

    await installed(walk.second);

    const facts = await (await walk.context()).installation.readFacts();
    expect(facts.unfinished).toBeUndefined();
    expect(walk.node.served()).toBe(before);
    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'NotApproved', version: '3.24.0' });
  });

  test('an offer that waits is an Event, once for each offer', async () => {
    await installed(walk.first);
    const current = String(await walk.current());
    walk.api.list = {};
    walk.api.annotations[approved] = current;
    await installed(walk.first);
    await installed(walk.second);
    await installed(walk.second);

    const offered = String(walk.api.status['offered']);
    expect(offered).toMatch(/^3\.25\.0-/);
    expect(walk.api.events).toEqual(['Installed', 'OfferWaits']);
    expect(walk.api.notes.at(-1)).toBe(
      `release ${offered} is offered and waits for approval; the node stays on ${current}. To roll it out: kata-lifecycle upgrade --to 3.25.0`,
    );
  });

  test('a rollback to a release of the store says nothing of the offer that was rolled back', async () => {
    await installed(walk.first);
    const before = String(await walk.current());
    walk.api.list = {};
    walk.api.annotations[approved] = '3.25.0';
    await installed(walk.second);
    walk.api.annotations[approved] = before;
    await installed(walk.second);

    expect(walk.api.events).toEqual(['Installed', 'Upgraded', 'RolledBack']);
  });

  test('a new node installs an offered release that the list accepts', async () => {
    walk.api.list = { accepted: '' };
    await installed(walk.first);
    walk.api.list = { accepted: `3.1.0-00000000\n${String(walk.api.status['offered'])}\n` };

    await installed(walk.first);

    expect(walk.api.status).toMatchObject({ phase: 'installed', version: '3.24.0' });
    expect(walk.api.labels[kataRuntime]).toBe('true');
  });

  test('a ConfigMap without suffix manages only the installation without suffix', async () => {
    walk.api.list = {};

    await walk.install({ environment: { MULTI_INSTALL_SUFFIX: 'blue' } });

    expect(walk.api.labels['kata-deploy.katacontainers.io/blue']).toBe('true');
    expect(walk.api.events).toEqual(['Installed']);
  });

  test('a failure reports its code, its message and the served version', async () => {
    await installed(walk.first);
    walk.node.onStep = ({ path }) => {
      if (path.includes('.new/')) throw systemError('ENOSPC', 'write', path);
    };

    await expect(installed(walk.second)).rejects.toMatchObject({ code: 'KATA_HOST_NO_SPACE' });

    expect(walk.api.status).toMatchObject({
      phase: 'failed',
      version: '3.24.0',
      code: 'KATA_HOST_NO_SPACE',
      message: expect.stringContaining('/opt/kata/releases/') as string,
    });
  });
});

test('issue 12.21: a temporary failure that persists is reported, too', async () => {
  const main = '/etc/containerd/config.toml';
  let edits = 0;
  walk.node.onStep = ({ call, path }) => {
    if (call !== 'create' || !path.startsWith('/etc/containerd/.config.toml')) return;
    edits += 1;
    const content = `version = 2\nroot = "/theirs-${edits}"\n`;
    walk.node.host.files.seed(main, { content, mode: 0o640 });
  };

  await expect(installed(walk.first)).rejects.toMatchObject({ exitCode: 75 });

  expect(walk.api.status).toMatchObject({
    phase: 'failed',
    code: 'KATA_ENGINE_FILE_CHANGING',
    message: expect.stringContaining(main) as string,
  });
  expect(walk.api.events).toEqual(['InstallFailed']);
});
