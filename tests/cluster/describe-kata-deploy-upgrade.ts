/** Upgrades and rolls back the chart of kata-deploy, from the registry of a lab; no node runs its pods. */
import { join } from 'node:path';
import {
  type OpenChart,
  openChart,
  parseChartSource,
  rollBackRelease,
  upgradeRelease,
} from '@kata/orchestrator';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HelmReleases } from '../driver/helm-release.ts';
import type { LabDriver } from '../driver/lab-driver.ts';

const chart = join(import.meta.dirname, '../../charts/kata-deploy');
const reference = 'registry.lab:5000/kata-deploy';
const digest = `sha256:${'0'.repeat(64)}`;
const values = {
  image: { reference },
  nodeSelector: { 'example.org/no': 'node' },
  shims: { disableAll: true, qemu: { enabled: true, dropIn: '[hypervisor.qemu]\ndefault_vcpus = 2\n' } },
  startupTaints: ['example.org/kata:NoSchedule'],
  updateStrategy: { type: 'OnDelete' },
};

export function describeKataDeployUpgrade(lab: LabDriver, stage: () => HelmReleases): void {
  describe('the chart of kata-deploy', () => {
    let before: OpenChart;
    let after: OpenChart;

    async function publish(version: string): Promise<OpenChart> {
      const { directory, helm } = stage();
      const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };
      const versions = ['--version', version, '--app-version', version];
      await stage().user(['package', chart, ...versions, '--destination', directory]);
      const archive = join(directory, `kata-deploy-${version}.tgz`);
      await stage().user(['push', archive, `oci://${registry}/charts`, '--plain-http']);
      const named = { chart: `oci://${registry}/charts/kata-deploy`, isPlainHttp: true };
      return await openChart(helm, parseChartSource(named, directory), { version });
    }

    async function image(): Promise<string> {
      const path = '--output=jsonpath={.spec.template.spec.initContainers[1].image}';
      return await lab.kubectl(['get', 'daemonset', 'kata-deploy', '--namespace', 'helm-test', path]);
    }

    beforeAll(async () => {
      before = await publish('3.24.0');
      after = await publish('3.25.0');
    });

    test('is upgraded with the values of the user, and returns to what it was', async () => {
      const context = await stage().install('kata', values, before);
      const start = await stage().snapshot('kata');

      const { kind, release } = await upgradeRelease(context, after);

      expect({ kind, values: release.values, image: await image() }).toEqual({
        ...{ kind: 'upgraded', values },
        image: `${reference}:3.25.0`,
      });
      expect((await upgradeRelease(context, after)).kind).toBe('unchanged');
      const back = await rollBackRelease(context, start);
      expect({ kind: back.kind, values: back.release.values, image: await image() }).toEqual({
        ...{ kind: 'rolled-back', values },
        image: `${reference}:3.24.0`,
      });
    });

    test.each<[string, object, string]>([
      ['a tag', { reference, tag: '3.24.0' }, 'image.tag='],
      ['a digest as tag', { reference, tag: digest }, 'image.tag='],
      ['a digest', { reference: `${reference}@${digest}` }, `image.reference=${reference}`],
    ])('is not upgraded when %s pins its image, until that is set', async (_, pinned, setValues) => {
      const context = stage().context('kata');
      const user = ['upgrade', 'kata', before.path, '--reset-values', '--values', '-'];
      await stage().user(user, { ...values, image: pinned });

      await expect(upgradeRelease(context, after)).rejects.toMatchObject({
        code: 'KATA_HELM_IMAGE_PINNED',
        hint: `add ${setValues} to helm-set-values`,
      });

      await upgradeRelease(context, after, { setValues });
      expect(await image()).toBe(`${reference}:3.25.0`);
    });
  });
}
