/** Failed and pending removals, on an in-memory node with a fake API server. */
import { exitCodes, KataError } from '@kata/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { handleTermination } from './handle-termination.ts';
import { removeFromNode } from './remove-node.ts';
import { useWalk } from './testkit/use-walk.ts';

const own = 'kata-deploy.katacontainers.io/default';
const record = '/opt/kata/state/ownership.json';
const runningPod = {
  metadata: { name: 'web', namespace: 'default', uid: 'p1' },
  spec: { runtimeClassName: 'kata-remote', nodeSelector: { [own]: 'true' } },
  status: { phase: 'Running' },
};

const walk = useWalk();

const remove = async (): Promise<unknown> =>
  await removeFromNode(await walk.context()).catch((error: unknown) => error);

/** As after `helm uninstall`. */
const terminate = async (environment = {}): Promise<unknown> =>
  await handleTermination(await walk.context({ environment })).catch((error: unknown) => error);

const failAt = (part: string): void => walk.node.failChanges(({ path }) => path.startsWith(part));
const mend = (): void => {
  walk.node.onChange = undefined;
};

beforeEach(async () => {
  await walk.install();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a removal that fails', () => {
  test('is reported with code and message, by one Event however often it fails, until it succeeds', async () => {
    const { release } = walk.api.status;
    failAt('/opt/kata/current');

    const error = await remove();
    const { time } = walk.api.status;
    expect(await remove()).toMatchObject({ code: 'KATA_HOST_IO' });
    expect(await remove()).toMatchObject({ code: 'KATA_HOST_IO' });

    const { code, message } = error as { readonly code: string; readonly message: string };
    expect(walk.api.status).toMatchObject({
      ...{ phase: 'cleanup-pending', reason: 'RemovalFailed', code, message, release, time, attempt: 4 },
    });
    expect(walk.api.labels).toMatchObject({ [own]: 'false' });
    expect(walk.api.events).toEqual(['Installed', 'RemovalFailed']);
    expect(walk.api.notes.at(-1)).toBe(`${code}: ${message}; fix the cause, then run: kata-deploy cleanup`);

    mend();
    expect(await remove()).toBe('removed');
    expect([walk.api.labels, walk.api.annotations]).toEqual([{}, {}]);
    expect(walk.api.events).toEqual(['Installed', 'RemovalFailed', 'Removed']);
  });

  test('for another reason is another Event', async () => {
    failAt('/opt/kata/current');
    await remove();
    mend();
    walk.node.refuses = 'version';

    expect(await remove()).toMatchObject({ code: 'KATA_ENGINE_LOADER' });

    expect(walk.api.status).toMatchObject({ reason: 'RemovalFailed', code: 'KATA_ENGINE_LOADER' });
    expect(walk.api.events).toEqual(['Installed', 'RemovalFailed', 'RemovalFailed']);
  });

  test('before any change keeps the labels', async () => {
    const labels = { ...walk.api.labels };
    walk.node.refuses = 'version';

    await terminate();
    await terminate();

    expect(walk.api.labels).toEqual(labels);
    expect(walk.api.status).toMatchObject({ phase: 'cleanup-pending', code: 'KATA_ENGINE_LOADER' });
    expect(walk.api.events).toEqual(['Installed', 'RemovalFailed']);
  });

  test('with a long error still names the next step in its Event', async () => {
    const context = await walk.context();
    vi.spyOn(context.installation, 'planRemoval').mockRejectedValue(
      new KataError('KATA_ENGINE_LOADER', 'long '.repeat(400), { exitCode: exitCodes.precondition }),
    );

    await handleTermination(context).catch(() => undefined);

    const note = walk.api.notes.at(-1) ?? '';
    expect(note).toMatch(/^KATA_ENGINE_LOADER: long .*…; fix the cause, then apply the cleanup pod /);
    expect(note).toMatch(/\| kubectl apply --filename -$/);
  });

  test('because of its record keeps the release that the node reports, so that no later removal takes the node for empty', async () => {
    const { release } = walk.api.status;
    await walk.node.host.files.write(record, Buffer.from('{'));

    expect(await remove()).toMatchObject({ code: 'KATA_INSTALLER_RECORD' });

    expect(walk.api.status).toMatchObject({ reason: 'RemovalFailed', release });
  });

  test('because it looks in the wrong place changes nothing on the node', async () => {
    const before = { ...walk.api.annotations };

    const context = await walk.context({ environment: { INSTALLATION_PREFIX: '/elsewhere' } });
    await expect(removeFromNode(context)).rejects.toMatchObject({ code: 'KATA_REMOVAL_ELSEWHERE' });

    expect(walk.api.annotations).toEqual(before);
    expect(walk.api.events).toEqual(['Installed']);
  });

  test('is cancelled by an installation', async () => {
    failAt('/opt/kata/current');
    await remove();
    mend();

    await walk.install();

    expect(walk.api.status).toMatchObject({ phase: 'installed', reason: 'Installed' });
    expect(walk.api.status).not.toHaveProperty('code');
    expect(walk.api.labels).toMatchObject({ [own]: 'true' });
  });
});

describe('a removal that waits for pods names the step that finishes it', () => {
  const pending = 'cleanup pending: 1 Kata pods are still running (default/web); when they have ended, ';

  beforeEach(() => {
    walk.api.pods = [runningPod];
  });

  test('the command, while the program is on the node', async () => {
    expect(await remove()).toBe('pending');

    expect(walk.api.notes.at(-1)).toBe(`${pending}run: kata-deploy cleanup`);
    expect(walk.printed).toContain(`${pending}run: kata-deploy cleanup\n`);
  });

  test('the cleanup pod of the chart, after helm uninstall: then there is neither pod nor program', async () => {
    expect(await terminate()).toBe('pending');
    expect(await terminate()).toBe('pending');

    const step =
      'apply the cleanup pod of the chart (see its README): helm template RELEASE CHART --namespace kata --values VALUES --set cleanup.node=n1 --show-only templates/cleanup-pod.yaml | kubectl apply --filename -';
    expect(walk.api.events).toEqual(['Installed', 'CleanupPending']);
    expect(walk.api.notes.at(-1)).toBe(`${pending}${step}`);
    expect(walk.printed).toContain(`${pending}${step}\n`);
  });

  test("another installation, with upstream's chart, which has no such pod", async () => {
    const context = await walk.context();
    const config = { ...context.config, lockDirectory: '/host-run-lock' };

    expect(await handleTermination({ ...context, config })).toBe('pending');

    expect(walk.api.notes.at(-1)).toBe(`${pending}install the chart again, then uninstall it`);
  });

  test('also when the container runtime does not answer, with its error', async () => {
    walk.api.pods = [];
    walk.node.isUnresponsive = true;

    expect(await terminate()).toBe('pending');
    expect(await terminate()).toBe('pending');

    expect(walk.api.status).toMatchObject({
      reason: 'RuntimeUnresponsive',
      code: 'KATA_ENGINE_SILENT',
      message: 'containerd does not answer on its socket',
    });
    expect(walk.api.events).toEqual(['Installed', 'CleanupPending']);
    expect(walk.api.notes.at(-1)).toMatch(
      /; when the container runtime answers again, apply the cleanup pod/,
    );
  });

  test('once while the container runtime does not answer, whatever its state is', async () => {
    walk.api.pods = [];
    walk.node.isUnresponsive = true;
    const state = vi.spyOn(walk.node.host.units, 'state');

    for (const active of ['failed', 'inactive', 'failed']) {
      state.mockResolvedValue({ active, startedAtMs: undefined });
      expect(await terminate()).toBe('pending');
      expect(walk.api.status['message']).toContain(active);
    }

    expect(walk.api.events).toEqual(['Installed', 'CleanupPending']);
  });
});
