/** Helm is killed at each of its writes, during an upgrade, a rollback and a recovery; the same call completes them. */
import {
  type HelmContext,
  readRelease,
  type ReleaseSnapshot,
  rollBackRelease,
  upgradeRelease,
} from '@kata/orchestrator';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Hold } from '../driver/api-gate.ts';
import { HelmReleases, userValues } from '../driver/helm-release.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('crash-helm');
/** Nothing else uses the release. */
const patience = { patienceMs: 1 };
let releases: HelmReleases;
let context: HelmContext;
let start: ReleaseSnapshot;

/** The writes of one change: its revision, two objects, the revision before, its revision again. */
const holds: readonly Hold[] = [
  { write: 1, when: 'before' },
  ...[1, 2, 3, 4, 5].map((write) => ({ write, when: 'after' }) as const),
];

const killed = (what: RegExp): object => ({
  message: expect.stringMatching(what),
  cause: { message: 'helm was ended by SIGKILL' },
});

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  releases = await HelmReleases.open(lab);
  context = await releases.install('killed');
  start = await releases.snapshot('killed');
});

afterEach(() => {
  releases.gate.reset();
  releases.takeEvents();
});

afterAll(async () => {
  await lab.down();
  await releases[Symbol.asyncDispose]();
});

test('an upgrade and a rollback have these writes, and no others', async () => {
  const secrets = '/api/v1/namespaces/helm-test/secrets';
  const writes = (from: number, to: number): readonly string[] => [
    `POST ${secrets}`,
    'PATCH /api/v1/namespaces/helm-test/configmaps/killed',
    'PATCH /apis/apps/v1/namespaces/helm-test/daemonsets/killed',
    `PUT ${secrets}/sh.helm.release.v1.killed.v${from}`,
    `PUT ${secrets}/sh.helm.release.v1.killed.v${to}`,
  ];

  releases.gate.reset();
  await upgradeRelease(context, releases.second);
  expect(releases.gate.writes).toEqual(writes(1, 2));
  releases.gate.reset();
  await rollBackRelease(context, start);
  expect(releases.gate.writes).toEqual(writes(2, 3));
});

test.each(holds)('$when write $write of an upgrade: the same call completes it', async (hold) => {
  const options = { ...patience, setValues: 'text=given' };
  await rollBackRelease(context, start);
  const before = (await readRelease(context)).revision;

  const error = await releases.killAt(
    hold,
    async () => await upgradeRelease(context, releases.second, options),
  );
  const { release } = await upgradeRelease(context, releases.second, options);

  expect(error).toMatchObject(killed(/^cannot upgrade release/));
  expect(release).toMatchObject({
    ...{ status: 'deployed', values: { ...userValues, text: 'given' } },
    chart: { version: '2.0.0' },
  });
  expect(release.revision - before).toBeLessThanOrEqual(3);
  expect(await releases.deployed('killed')).toBe('2.0.0 registry/small:2.0.0');
});

test.each(holds)('$when write $write of a rollback: the same call completes it', async (hold) => {
  await upgradeRelease(context, releases.second, { setValues: 'text=given' });

  const error = await releases.killAt(hold, async () => await rollBackRelease(context, start));
  const { release } = await rollBackRelease(context, start, patience);

  expect(error).toMatchObject(killed(/^cannot roll back release/));
  expect(release).toMatchObject({ status: 'deployed', chart: start.chart, values: userValues });
  expect(await releases.deployed('killed')).toBe('1.0.0 registry/small:1.0.0');
});

test('in the middle of an upgrade: a rollback goes to the record, without a recovery before', async () => {
  await rollBackRelease(context, start);
  const before = (await readRelease(context)).revision;
  const upgrade = async (): Promise<unknown> => await upgradeRelease(context, releases.second, patience);
  await releases.killAt({ write: 3, when: 'after' }, upgrade);

  const { release } = await rollBackRelease(context, start, patience);

  expect(release).toMatchObject({ status: 'deployed', revision: before + 2, values: userValues });
  expect(await releases.deployed('killed')).toBe('1.0.0 registry/small:1.0.0');
});

// Only one object is changed.
test.each(holds.slice(0, -1))(
  '$when write $write of a recovery: the same call completes it',
  async (hold) => {
    await rollBackRelease(context, start);
    const upgrade = async (): Promise<unknown> => await upgradeRelease(context, releases.second, patience);
    await releases.killAt({ write: 3, when: 'before' }, upgrade);

    const error = await releases.killAt(hold, upgrade);
    const { release } = await upgradeRelease(context, releases.second, patience);

    expect(error).toMatchObject(killed(/^cannot roll back release/));
    expect(release).toMatchObject({ status: 'deployed', values: userValues });
    expect(await releases.deployed('killed')).toBe('2.0.0 registry/small:2.0.0');
  },
);
