/** Upgrades, rollbacks and recoveries of a Helm release by the orchestrator, with real Helm and a real API server. */
import { type HelmContext, planReleaseUpgrade, rollBackRelease, upgradeRelease } from '@kata/orchestrator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HelmReleases, userValues } from '../driver/helm-release.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { describeHelmRollbacks } from './describe-helm-rollbacks.ts';
import { describeHelmStates } from './describe-helm-states.ts';
import { describeKataDeployUpgrade } from './describe-kata-deploy-upgrade.ts';

const lab = new LabDriver('test-lifecycle-helm');
let releases: HelmReleases;

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  releases = await HelmReleases.open(lab);
});

afterAll(async () => {
  await lab.down();
  await releases[Symbol.asyncDispose]();
});

describe('an upgrade', () => {
  test('keeps all values of the user, makes one revision, runs no hook, and waits for no pod', async () => {
    const context = await releases.install('keeps');

    const { kind, release } = await upgradeRelease(context, releases.second);

    expect({ kind, revision: release.revision, values: release.values }).toEqual({
      kind: 'upgraded',
      revision: 2,
      values: userValues,
    });
    expect(await releases.deployed('keeps')).toEqual('2.0.0 registry/small:2.0.0');
    expect(await releases.history('keeps')).toEqual(['1 superseded', '2 deployed']);
    expect(JSON.parse(await releases.user(['get', 'values', 'keeps', '--output', 'json']))).toEqual(
      userValues,
    );
    await expect(releases.deployed('keeps-hook')).rejects.toThrow('not found');
    expect(releases.events.splice(0)).toEqual([
      {
        kind: 'helm.upgraded',
        ...{ release: 'helm-test/keeps', revision: 2, version: '2.0.0', changedValues: [] },
        from: { revision: 1, version: '1.0.0' },
      },
    ]);
  });

  test('is not made twice, but again when the chart has other content under the same version', async () => {
    const context = releases.context('keeps');
    releases.gate.reset();

    expect(await upgradeRelease(context, releases.second)).toMatchObject({
      kind: 'unchanged',
      release: { revision: 2 },
    });
    expect(releases.gate.writes).toEqual([]);
    const rebuilt = await releases.chart({ version: '2.0.0', text: 'rebuilt' });
    expect(await upgradeRelease(context, rebuilt)).toMatchObject({
      kind: 'upgraded',
      release: { revision: 3 },
    });
    expect(releases.takeEvents()).toEqual(['helm.unchanged', 'helm.upgraded']);
  });

  test('changes only the values that are given', async () => {
    const context = await releases.install('given');
    const setValues = String.raw`text=a\,b,map.three.five={1,x},map.one=null,new[0].x=true,image.tag=`;

    const { release } = await upgradeRelease(context, releases.second, { setValues });

    expect(release.values).toEqual({
      ...userValues,
      text: 'a,b',
      map: { two: null, one: null, three: { four: 'x', five: [1, 'x'] } },
      new: [{ x: true }],
      image: { tag: '' },
    });
    expect(releases.events.splice(0)).toMatchObject([
      {
        changedValues: ['text', 'map.three.five', 'map.one', 'new[0].x', 'image.tag'],
      },
    ]);
    expect(await upgradeRelease(context, releases.second, { setValues })).toMatchObject({
      kind: 'unchanged',
    });
    releases.takeEvents();
  });
});

describe('before anything is changed, it is refused', () => {
  let context: HelmContext;

  beforeAll(async () => {
    context = await releases.install('refused', { ...userValues, image: { tag: '1.0.0' } });
    releases.gate.reset();
  });

  test.each<[string, () => Promise<unknown>, object]>([
    [
      'when the image is pinned',
      async () => await upgradeRelease(context, releases.second),
      {
        code: 'KATA_HELM_IMAGE_PINNED',
        message:
          'release "helm-test/refused" would keep its old image: image.tag is 1.0.0, which is not version 2.0.0',
        hint: 'add image.tag= to helm-set-values',
      },
    ],
    [
      'when an element of a list would replace the list',
      async () => await planReleaseUpgrade(context, releases.second, 'list[1]=x,image.tag='),
      {
        code: 'KATA_HELM_SET_VALUES',
        message: 'setting list[1], image.tag would change further values of the release: list[0]',
      },
    ],
    [
      'when the release has another chart',
      async () => await upgradeRelease(context, { ...releases.second, name: 'other' }),
      {
        code: 'KATA_HELM_OTHER_CHART',
        message: 'release "helm-test/refused" was installed from the chart small, not from other',
      },
    ],
    [
      'when the chart has another version',
      async () => await releases.chart({ version: '2.0.0', appVersion: '2.1.0', text: 'x' }),
      { code: 'KATA_HELM_CHART_VERSION' },
    ],
    [
      'when there is no such release',
      async () => await upgradeRelease(releases.context('none'), releases.second),
      { code: 'KATA_HELM_RELEASE_ABSENT', message: 'there is no release "helm-test/none"' },
    ],
    [
      'when the recorded revision is not that of the release',
      async () => await rollBackRelease(context, { ...(await releases.snapshot('refused')), values: {} }),
      { code: 'KATA_HELM_REVISION_GONE' },
    ],
  ])('%s', async (_, refused, error) => {
    await expect(refused()).rejects.toMatchObject(error);

    expect(releases.gate.writes).toEqual([]);
    expect(await releases.history('refused')).toEqual(['1 deployed']);
  });

  test('until the hint is followed', async () => {
    expect(await upgradeRelease(context, releases.second, { setValues: 'image.tag=' })).toMatchObject({
      kind: 'upgraded',
    });
    expect(await releases.deployed('refused')).toEqual('2.0.0 registry/small:2.0.0');
    releases.takeEvents();
  });
});

describeHelmStates(() => releases);
describeHelmRollbacks(() => releases);
describeKataDeployUpgrade(lab, () => releases);
