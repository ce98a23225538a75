import { JumpingClock } from '@kata/core/testkit';
import { startScriptedApi } from '@kata/kube/testkit';
import { LeaseKeeper, type LeaseSpec } from '@kata/kube/testkit/lease-keeper';
import { expect, test } from 'vitest';
import type { LifecycleEvent } from './events.ts';
import { KeptLease } from './keep-lease.ts';

const options = { name: 'kata-lifecycle', holder: 'us', durationSeconds: 15 };
const alone = { isForced: false, isShared: false };
const theirs: LeaseSpec = { holderIdentity: 'them', leaseDurationSeconds: 15 };

/** Its clock never reaches the next renewal by itself. */
class StillClock extends JumpingClock {
  override async sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

async function openLease(keeper: LeaseKeeper, clock: JumpingClock, given = alone) {
  const api = await startScriptedApi((request) => keeper.answer(request));
  const installation = { namespace: 'kata', release: 'kata-deploy', daemonSet: 'kata-deploy', suffix: '' };
  const context = { api: api.connect({ clock }).api, clock, installation, emit: () => () => undefined };
  return { api, acquire: async () => await KeptLease.acquire(context, options, given) };
}

test('it is held until the end, and then released', async () => {
  const keeper = new LeaseKeeper();
  const { api, acquire } = await openLease(keeper, new StillClock());
  await using _ = api;

  {
    await using lease = await acquire();
    await lease.check();
    expect(keeper.spec?.holderIdentity).toBe('us');
  }

  expect(keeper.spec).toBeDefined();
  expect(keeper.spec?.holderIdentity).toBeUndefined();
});

test('one that a workflow shares is kept for its next pod', async () => {
  const keeper = new LeaseKeeper();
  const { api, acquire } = await openLease(keeper, new StillClock(), { ...alone, isShared: true });
  await using _ = api;

  await (await acquire())[Symbol.asyncDispose]();

  expect(keeper.spec?.holderIdentity).toBe('us');
});

test('a process that was suspended renews before its next change, and changes nothing when it has lost it', async () => {
  const keeper = new LeaseKeeper();
  const clock = new StillClock();
  const { api, acquire } = await openLease(keeper, clock);
  await using _ = api;
  await using lease = await acquire();

  clock.jump(10_000);
  const before = keeper.version;
  await lease.check();
  expect(keeper.version).toBe(before + 1);

  clock.jump(60_000);
  keeper.write(theirs);
  await expect(lease.check()).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_DEPOSED',
    exitCode: 4,
    message: 'this process changes nothing more, because them holds Lease "kata/kata-lifecycle" now',
    hint: 'see what goes on: kata-lifecycle status --namespace kata',
  });
});

test.each([
  ['has it', theirs],
  ['has released it', { holderIdentity: '' }],
])(
  'a process that was suspended for a moment changes nothing when one that took its place %s',
  async (_what, spec) => {
    const keeper = new LeaseKeeper();
    const clock = new StillClock();
    const { api, acquire } = await openLease(keeper, clock);
    await using _ = api;
    await using lease = await acquire();

    clock.jump(1000);
    await lease.check();
    keeper.write(spec);

    await expect(lease.check()).rejects.toMatchObject({ code: 'KATA_LIFECYCLE_DEPOSED' });
  },
);

test('a living run is named, and refuses another', async () => {
  const keeper = new LeaseKeeper(theirs);
  const clock = new JumpingClock();
  const api = await startScriptedApi((request) => {
    const isTheirs = keeper.spec?.holderIdentity === theirs.holderIdentity;
    if (request.method === 'GET' && isTheirs) {
      keeper.write({ ...theirs, renewTime: String(keeper.version) });
    }
    return keeper.answer(request);
  });
  await using _ = api;
  const installation = { namespace: 'kata', release: 'kata-deploy', daemonSet: 'kata-deploy', suffix: '' };
  const told: LifecycleEvent[] = [];
  const emit = () => (event: LifecycleEvent) => void told.push(event);
  const context = { api: api.connect({ clock }).api, clock, installation, emit };

  await expect(KeptLease.acquire(context, options, alone)).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_RUNNING',
    message: 'another run is in progress: them',
  });
  expect(told).toEqual([{ kind: 'run.waiting', holder: 'them', until: '2026-01-01T00:00:15.000Z' }]);
  await using lease = await KeptLease.acquire(context, options, { ...alone, isForced: true });
  await lease.check();
  expect(keeper.spec?.holderIdentity).toBe('us');
});

test('when the API server does not answer any more, the error of the run is not hidden by that of the release', async () => {
  const keeper = new LeaseKeeper();
  let isDown = false;
  const api = await startScriptedApi((request) => (isDown ? { status: 0 } : keeper.answer(request)));
  await using _ = api;
  const clock = new JumpingClock();
  const installation = { namespace: 'kata', release: 'kata-deploy', daemonSet: 'kata-deploy', suffix: '' };
  const context = { api: api.connect({ clock }).api, clock, installation, emit: () => () => undefined };

  const run = async (): Promise<void> => {
    await using lease = await KeptLease.acquire(context, options, alone);
    isDown = true;
    await lease.check();
  };

  await expect(run()).rejects.toMatchObject({ code: 'KATA_KUBE_UNREACHABLE', exitCode: 75 });
});
