/** issue 12.6: no retry restarts the engine again without a new reason. */
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import type { InstallerEvent } from './events.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const main: HostPath = '/etc/containerd/config.toml';
const refused =
  'the container runtime failed with the new configuration; it runs again with its previous configuration';

const payloads = usePayloads();

/** A node whose engine did not start with our changes, and is running as before. */
async function failed(): Promise<MemoryNode> {
  const node = await MemoryNode.start(usualMachine);
  node.refusesStart = true;
  await expect(node.installation(both, { attempt: 'pod-1' }).install(payloads.first)).rejects.toMatchObject({
    code: 'KATA_INSTALLER_ENGINE',
    message: refused,
  });
  expect(node.restarts).toBe(2);
  return node;
}

test('repeated starts by kubelet do not restart the engine again, and report the same error', async () => {
  const node = await failed();
  const before = node.tree();

  for (let attempts = 0; attempts < 5; attempts += 1) {
    await expect(node.installation(both, { attempt: 'pod-1' }).install(payloads.first)).rejects.toMatchObject(
      {
        code: 'KATA_INSTALLER_ENGINE',
        message: `not tried again, because nothing has changed since it failed: ${refused}`,
        exitCode: 7,
        hint: expect.stringContaining('journalctl --unit containerd.service') as string,
      },
    );
  }

  expect([node.restarts, node.tree()]).toEqual([2, before]);
});

describe('a new reason to try again is', () => {
  const reasons: Readonly<Record<string, (node: MemoryNode) => unknown>> = {
    'an edit of an engine file by another program': (node) =>
      node.host.files.seed(
        main,
        `${String(node.host.files.snapshot('/etc/containerd')[main]?.slice(4))}# fixed\n`,
      ),
    'a start of the engine by others': async (node) => await node.restartByOthers(),
    'another program on disk': (node) => (node.diskVersion = '2.2.2'),
    'a boot': (node) => node.host.files.removeTree('/run'),
  };

  test.each(Object.entries(reasons))('%s', async (_, change) => {
    const node = await failed();
    await change(node);

    await node.installation(both, { attempt: 'pod-1' }).install(payloads.first);

    expect([node.restarts, node.served()]).toEqual([3, expect.stringContaining('kata-remote')]);
  });

  test('another pod of the installer', async () => {
    const node = await failed();

    await node.installation(both, { attempt: 'pod-2' }).install(payloads.first);

    expect(node.restarts).toBe(3);
  });

  test('a retry that a user requests', async () => {
    const node = await failed();

    await node.installation(both, { attempt: 'pod-1' }).install(payloads.first, { retries: true });

    expect(node.restarts).toBe(3);
  });

  test('other settings', async () => {
    const node = await failed();

    await node.installation(someSettings(['remote']), { attempt: 'pod-1' }).install(payloads.first);

    expect(node.restarts).toBe(3);
  });
});

describe('a restart that systemd did not perform', () => {
  const unit = 'containerd.service';
  const refusal = `cannot restart ${unit}: canceled`;
  const install = async (node: MemoryNode): Promise<unknown> =>
    await node.installation(both, { attempt: 'pod-1' }).install(payloads.first);

  /** Once. */
  function refuseJob(
    { host: { units } }: MemoryNode,
    onJob: () => Promise<void> = async () => undefined,
  ): void {
    const restart = units.restart.bind(units);
    units.restart = async () => {
      units.restart = restart;
      await onJob();
      throw new KataError('KATA_HOST_UNIT', refusal);
    };
  }

  test('is not a failed start: the engine is not restarted, the error has the reason, and the next run restarts it', async () => {
    const node = await MemoryNode.start(usualMachine);
    const before = node.tree();
    refuseJob(node);

    await expect(install(node)).rejects.toMatchObject({ code: 'KATA_HOST_UNIT', message: refusal });
    expect([node.restarts, node.tree()]).toEqual([0, before]);

    await install(node);
    expect([node.restarts, node.served()]).toEqual([1, expect.stringContaining('kata-remote')]);
  });

  test('although it stopped the engine: the engine is started, the error has the reason, and there is no retry', async () => {
    const node = await MemoryNode.start(usualMachine);
    const before = node.tree();
    const { units } = node.host;
    refuseJob(node, async () => {
      const state = await units.state(unit);
      units.set(unit, { startedAtMs: 1, ...state, active: 'inactive' });
    });

    await expect(install(node)).rejects.toMatchObject({ code: 'KATA_HOST_UNIT', message: refusal });
    expect([node.restarts, node.tree()]).toEqual([1, before]);

    await expect(install(node)).rejects.toMatchObject({
      message: `not tried again, because nothing has changed since it failed: ${refusal}`,
    });
    expect(node.restarts).toBe(1);
  });
});

test('a tool that reverts the file and starts the engine costs one restart, however often kubelet tries', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.host.files.snapshot('/etc/containerd')[main]?.slice(4) ?? '';
  const install = async (attempt: string): Promise<void> => {
    const restarts = node.restarts;
    node.onChange = ({ path }) => {
      const isEnd = path.endsWith('/ownership.json') && node.restarts > restarts;
      if (isEnd) node.host.files.seed(main, { content: before, mode: 0o640 });
    };
    await expect(node.installation(both, { attempt }).install(payloads.first)).rejects.toMatchObject({
      code: 'KATA_ENGINE_FILE_PUT_BACK',
    });
    await node.restartByOthers();
  };

  for (let attempts = 0; attempts < 4; attempts += 1) await install('pod-1');
  expect(node.restarts).toBe(1);

  await install('pod-2');
  expect(node.restarts).toBe(2);
});

test('a rollback that repairs foreign changes is not tried again either', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.host.files.snapshot('/etc/containerd')[main]?.slice(4) ?? '';
  const { release } = await node.installation(both).install(payloads.second);
  node.host.files.seed(main, before);
  await node.restartByOthers();
  const restarts = node.restarts;
  node.refusesStart = true;

  await expect(node.installation(both).rollback(release)).rejects.toMatchObject({ message: refused });
  await expect(node.installation(both).rollback(release)).rejects.toMatchObject({
    message: expect.stringContaining('not tried again') as string,
  });

  expect(node.restarts).toBe(restarts + 2);
});

test('a removal whose restart failed is finished only after a new start', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  node.refusesStart = true;
  const remove = async (): Promise<unknown> => await node.remove(both);
  await expect(remove()).rejects.toThrow();
  const restarts = node.restarts;

  await node.restartByOthers();
  await remove();

  expect(node.restarts).toBeLessThanOrEqual(restarts + 1);
  expect(node.served()).toBe('');
});

test('failed restarts of two installations are no new reason for each other', async () => {
  const node = await failed();
  const other = { ...both, suffix: 'dev', prefix: '/opt/kata-dev' } as const;
  const again = async (): Promise<void> => {
    node.refusesStart = true;
    await node
      .installation(both, { attempt: 'pod-1' })
      .install(payloads.first)
      .catch(() => undefined);
    node.refusesStart = true;
    await node
      .installation(other, { attempt: 'pod-2' })
      .install(payloads.first)
      .catch(() => undefined);
  };
  await again();
  const restarts = node.restarts;

  await again();
  await again();

  expect(node.restarts).toBe(restarts);
});

test('the error of a removal that is not tried again has a hint for removals', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  const remove = async (): Promise<unknown> => {
    node.refusesStart = true;
    return await node.remove(both);
  };
  await expect(remove()).rejects.toThrow();
  await expect(remove()).rejects.toThrow();

  await expect(remove()).rejects.toMatchObject({
    message: expect.stringContaining('not tried again') as string,
    hint: expect.not.stringContaining('install') as string,
  });
});

test('the error is the same when systemd cannot be reached afterwards', async () => {
  const node = await MemoryNode.start(usualMachine);
  const { units } = node.host;
  const emit = ({ kind }: InstallerEvent): void => {
    if (kind !== 'undo.started') return;
    let queries = 0;
    const state = units.state.bind(units);
    units.state = async (unit) => {
      queries += 1;
      // The rollback queries it once.
      if (queries > 1) throw new KataError('KATA_HOST_SYSTEMD', "cannot reach the machine's systemd");
      return await state(unit);
    };
  };
  node.refusesStart = true;

  await expect(node.installation(both, { emit }).install(payloads.first)).rejects.toMatchObject({
    message: refused,
  });
});
