/** Values that the chart kata-lifecycle-manager refuses, and what Helm prints after an installation. */
import { beforeAll, describe, expect, test } from 'vitest';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';
import { withPod } from './lifecycle-values.ts';

let chart: HelmChart;

beforeAll(async () => {
  chart = new HelmChart(await findHelm(), 'kata-lifecycle-manager');
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('refused', () => {
  test.each<[string, object]>([
    ['no verification pod', {}],
    ['an empty one', { defaults: { verificationPod: '' } }],
    ['a blank one', { defaults: { verificationPod: ' \n' } }],
  ])('%s', async (_, values) => {
    await expect(chart.render(values)).rejects.toThrow(
      'defaults.verificationPod: is required, because no node is upgraded without a verification',
    );
  });

  test.each([
    ['the name of a file', './verification-pod.yaml'],
    ['a Deployment', 'apiVersion: apps/v1\nkind: Deployment\n'],
    ['a PodTemplate', 'apiVersion: v1\nkind: PodTemplate\n'],
    ['base64 of something else', base64('kind: Job\n')],
  ])('%s as verification pod', async (_, verificationPod) => {
    await expect(chart.render({ defaults: { verificationPod } })).rejects.toThrow(
      'defaults.verificationPod: is not the YAML of a Pod, nor base64 of it',
    );
  });

  test.each<[string, object, string]>([
    ['an unknown value', { argo: {} }, "additional properties 'argo' not allowed"],
    ['an unknown default', { defaults: { batch: 1 } }, "at '/defaults': additional properties 'batch'"],
    ['a batch of none', { defaults: { batchSize: 0 } }, "at '/defaults/batchSize'"],
    ['a batch size that is a text', { defaults: { batchSize: '50%' } }, "at '/defaults/batchSize'"],
    ['another deployment mode', { defaults: { deploymentMode: 'job' } }, "at '/defaults/deploymentMode'"],
    ['a drain that is no switch', { defaults: { drainEnabled: 'yes' } }, "at '/defaults/drainEnabled'"],
    [
      'a timeout without a known unit',
      { defaults: { drainTimeout: '5 min' } },
      "at '/defaults/drainTimeout'",
    ],
    ['another scope', { defaults: { rollbackScope: 'wave' } }, "at '/defaults/rollbackScope'"],
    ['an invalid suffix', { multiInstallSuffix: 'Blue' }, "at '/multiInstallSuffix'"],
    ['a rule without verbs', { rbac: { extraRules: [{ apiGroups: [''] }] } }, "at '/rbac/extraRules/0'"],
    [
      'the image of lifecycle-manager',
      { images: { utils: 'ghcr.io/x/utils:latest' } },
      'images: the steps have one image here; set image.reference and image.tag instead',
    ],
    [
      'a taint value without key',
      { defaults: { nodeTaintValue: 'x' } },
      'defaults.nodeTaintValue: needs defaults.nodeTaintKey',
    ],
    [
      'a repository and the URL of a chart',
      { chart: { repository: 'http://r' } },
      'chart.repository: chart.source must be the name of a chart there, not a URL',
    ],
  ])('%s', async (_, values, message) => {
    await expect(chart.render(withPod(values))).rejects.toThrow(message);
  });
});

test.each([
  ['JSON', '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "${TEST_POD}"}}'],
  ['with comments', '# smoke test\nkind: "Pod" # of Kata\napiVersion: v1\n'],
  ['base64', base64('kind: Pod\n')],
])('a verification pod in another form is accepted: %s', async (_, verificationPod) => {
  await expect(chart.render({ defaults: { verificationPod } })).resolves.toBeDefined();
});

test('what Helm prints names the workflow, its namespace, and the installation', async () => {
  const values = {
    argoNamespace: 'workflows',
    fullnameOverride: 'nightly',
    defaults: { helmRelease: 'kata-b' },
  };

  expect(await chart.notes(withPod(values))).toMatchInlineSnapshot(`
    "Upgrades of Kata Containers are ready. Select nodes, submit a workflow, watch it:

      kubectl label node NODE katacontainers.io/kata-upgrade-window=true
      argo submit -n workflows --from workflowtemplate/nightly -p target-version=VERSION
      argo watch -n workflows @latest

    One node:

      argo submit -n workflows --from workflowtemplate/nightly --entrypoint upgrade-single-node -p target-version=VERSION -p node-name=NODE

    A node back to the release that it had before its last run:

      argo submit -n workflows --from workflowtemplate/nightly --entrypoint rollback-node -p node-name=NODE

    The state of every node:

      kubectl get nodes -L katacontainers.io/kata-runtime -L katacontainers.io/kata-upgrade-status -L katacontainers.io/kata-current-version

    The first run puts the installation "kata-b" in the namespace kube-system under management: from then on, nodes
    change their release only through a run.
    "
  `);
});
