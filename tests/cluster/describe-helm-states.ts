/** Releases that another Helm is changing, or left failed or pending. */
import { upgradeRelease } from '@kata/orchestrator';
import { afterEach, describe, expect, test } from 'vitest';
import { type HelmReleases, userValues } from '../driver/helm-release.ts';

/** Nothing else uses these releases. */
const patience = { patienceMs: 1 };

/** Uses releases of its own names. */
export function describeHelmStates(stage: () => HelmReleases): void {
  afterEach(() => {
    stage().gate.reset();
    stage().takeEvents();
  });

  describe('a release whose newest revision is not deployed', () => {
    test('because it failed is upgraded when no value of the user is lost by that', async () => {
      const releases = stage();
      const context = await releases.install('failed');
      const set = ['--set', 'text=new,app=other'];
      const failing = releases.user(['upgrade', 'failed', releases.first.path, '--reuse-values', ...set]);
      await expect(failing).rejects.toThrow('UPGRADE FAILED');
      expect(await releases.history('failed')).toEqual(['1 deployed', '2 failed']);

      await expect(upgradeRelease(context, releases.second)).rejects.toMatchObject({
        code: 'KATA_HELM_VALUES_AT_RISK',
        details: { values: ['text', 'app'] },
      });
      const setValues = 'text=newer,app=main';
      const { release } = await upgradeRelease(context, releases.second, { setValues });

      expect(release).toMatchObject({ revision: 3, values: { ...userValues, text: 'newer', app: 'main' } });
      expect(await releases.deployed('failed')).toBe('2.0.0 registry/small:2.0.0');
    });

    test('because another Helm is changing it is left to that one', async () => {
      const releases = stage();
      const context = await releases.install('alive');
      const held = releases.gate.holdAt({ write: 3, when: 'before' });
      const argv = [
        'upgrade',
        'alive',
        releases.second.path,
        '--reset-then-reuse-values',
        '--set',
        'text=other',
      ];
      const other = releases.user(argv);
      await held;
      const upgraded = upgradeRelease(context, releases.second, { patienceMs: 60_000 });
      await expect.poll(() => releases.events, { timeout: 30_000 }).toMatchObject([{ kind: 'helm.awaited' }]);

      releases.gate.release();

      await other;
      expect(await upgraded).toMatchObject({
        kind: 'unchanged',
        release: { revision: 2, values: { ...userValues, text: 'other' } },
      });
    });

    test('because our own Helm was terminated is upgraded by the same call', async () => {
      const releases = stage();
      const { release } = await releases.install('terminated');
      const controller = new AbortController();
      const reason = new Error('terminated');
      const held = releases.gate.holdAt({ write: 2, when: 'before' });
      const stopped = expect(releases.upgradeUntil(controller.signal, 'terminated')).rejects.toBe(reason);
      await held;

      controller.abort(reason);

      await stopped;
      expect(await releases.history('terminated')).toEqual(['1 deployed', '2 failed']);
      releases.gate.reset();
      const upgraded = await upgradeRelease(releases.context(release.name), releases.second, patience);
      expect(upgraded).toMatchObject({ kind: 'upgraded', release: { revision: 3, values: userValues } });
    });

    test('because Helm was killed is recovered, and upgraded', async () => {
      const releases = stage();
      const context = await releases.install('killed');
      const argv = ['upgrade', 'killed', releases.second.path, '--reset-then-reuse-values'];
      await releases.killUser({ write: 3, when: 'after' }, argv);
      await expect(releases.user(argv)).rejects.toThrow(
        'another operation (install/upgrade/rollback) is in progress',
      );

      const { release } = await upgradeRelease(context, releases.second, patience);

      expect(release).toMatchObject({ revision: 4, status: 'deployed', values: userValues });
      expect(await releases.history('killed')).toEqual([
        ...['1 superseded', '2 pending-upgrade', '3 superseded', '4 deployed'],
      ]);
      expect(releases.events.splice(0)).toMatchObject([
        { kind: 'helm.awaited', status: 'pending-upgrade' },
        {
          kind: 'helm.recovered',
          interrupted: { revision: 2, status: 'pending-upgrade' },
          to: 1,
          revision: 3,
        },
        { kind: 'helm.upgraded', from: { revision: 3 }, revision: 4 },
      ]);
    });

    test('because a user was interrupted is refused when values of that user would be lost', async () => {
      const releases = stage();
      const context = await releases.install('interrupted');
      const set = ['--reuse-values', '--set', 'text=other,map.one=3'];
      const argv = ['upgrade', 'interrupted', releases.second.path, ...set];
      await releases.killUser({ write: 2, when: 'after' }, argv);

      const upgraded = upgradeRelease(context, releases.second, { ...patience, setValues: 'text=x' });

      await expect(upgraded).rejects.toMatchObject({
        code: 'KATA_HELM_VALUES_AT_RISK',
        details: { values: ['map.one'] },
      });
      expect(await releases.history('interrupted')).toEqual(['1 deployed', '2 pending-upgrade']);
    });

    test('because its installation was interrupted has nothing to return to', async () => {
      const releases = stage();
      await releases.killUser({ write: 1, when: 'after' }, ['install', 'fresh', releases.first.path]);

      const upgraded = upgradeRelease(releases.context('fresh'), releases.second, patience);

      await expect(upgraded).rejects.toMatchObject({
        code: 'KATA_HELM_NEVER_DEPLOYED',
        message:
          'release "helm-test/fresh" was never deployed: revision 1 is pending-install, and there is none to return to',
      });
    });
  });
}
