/** Rollbacks to the release that a run recorded at its start. */
import { restoreRelease, rollBackRelease, upgradeRelease } from '@kata/orchestrator';
import { describe, expect, test } from 'vitest';
import { type HelmReleases, userValues } from '../driver/helm-release.ts';

/** Uses releases of its own names. */
export function describeHelmRollbacks(stage: () => HelmReleases): void {
  describe('a rollback', () => {
    test('goes to the recorded revision, also the second time, when it has no effect', async () => {
      const releases = stage();
      const context = await releases.install('back');
      const start = await releases.snapshot('back');
      await upgradeRelease(context, releases.second, { setValues: 'text=a' });
      await upgradeRelease(context, releases.second, { setValues: 'text=b' });

      const first = await rollBackRelease(context, start);
      const second = await rollBackRelease(context, start);

      expect([first.kind, second.kind]).toEqual(['rolled-back', 'unchanged']);
      expect(second.release).toMatchObject({ revision: 4, status: 'deployed', values: userValues });
      expect(await releases.deployed('back')).toBe('1.0.0 registry/small:1.0.0');
      await expect(releases.deployed('back-hook')).rejects.toThrow('not found');
      expect(releases.takeEvents().slice(-2)).toEqual(['helm.rolled-back', 'helm.unchanged']);
    });

    test('to a revision that Helm has removed is refused, and done from the record', async () => {
      const releases = stage();
      const context = await releases.install('pruned');
      const start = await releases.snapshot('pruned');
      const change = ['upgrade', 'pruned', releases.second.path, '--history-max', '1'];
      await releases.user([...change, '--reset-values', '--set', 'list={x},more=1']);
      await releases.user([...change, '--reset-values', '--set', 'list={y},more=1']);
      expect(await releases.history('pruned')).toEqual(['2 superseded', '3 deployed']);

      await expect(rollBackRelease(context, start)).rejects.toMatchObject({
        code: 'KATA_HELM_REVISION_GONE',
        message:
          'cannot roll back release "helm-test/pruned" to revision 1: Helm has removed it (--history-max)',
      });
      const restored = await restoreRelease(context, start, releases.first);
      const again = await restoreRelease(context, start, releases.first);

      expect([restored.kind, again.kind]).toEqual(['rolled-back', 'unchanged']);
      expect(again.release).toMatchObject({ revision: 4, chart: start.chart, values: userValues });
      expect(await releases.deployed('pruned')).toBe('1.0.0 registry/small:1.0.0');
      expect(releases.takeEvents()).toEqual(['helm.restored', 'helm.unchanged']);
    });

    test('to a record is refused when another release has its name and number', async () => {
      const releases = stage();
      const context = await releases.install('again');
      const start = await releases.snapshot('again');
      await releases.user(['uninstall', 'again']);
      await expect(rollBackRelease(context, start)).rejects.toMatchObject({
        code: 'KATA_HELM_RELEASE_ABSENT',
      });
      await releases.install('again', { text: 'new' });

      await expect(rollBackRelease(context, start)).rejects.toMatchObject({
        code: 'KATA_HELM_REVISION_GONE',
        message:
          'cannot roll back release "helm-test/again" to revision 1: revision 1 is another one now: the release was installed again',
      });
    });

    test('of an uninstalled release whose history is kept is refused', async () => {
      const releases = stage();
      const context = await releases.install('kept');
      await releases.user(['uninstall', 'kept', '--keep-history']);

      await expect(upgradeRelease(context, releases.second)).rejects.toMatchObject({
        code: 'KATA_HELM_RELEASE_ABSENT',
        message: 'release "helm-test/kept" is uninstalled',
      });
    });
  });
}
