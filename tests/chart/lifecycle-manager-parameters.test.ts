/** The parameters of the workflow of the chart kata-lifecycle-manager. */
import { workflowParameters } from '@kata/orchestrator';
import { beforeAll, expect, test } from 'vitest';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';
import { podText, templateOf, workflowOf, type WorkflowTemplate } from './lifecycle-values.ts';

let chart: HelmChart;
let workflow: WorkflowTemplate;

beforeAll(async () => {
  chart = new HelmChart(await findHelm(), 'kata-lifecycle-manager');
  workflow = await workflowOf(chart);
});

const entrypoints = ['upgrade-all-nodes', 'deploy-version', 'upgrade-single-node', 'rollback-node'];

const valueOf = (name: string): string | undefined =>
  workflow.spec.arguments.parameters.find((one) => one.name === name)?.value;

test('are those of the steps, and their defaults are the values of the chart', () => {
  const { parameters } = workflow.spec.arguments;

  expect(parameters.map(({ name }) => name)).toEqual(Object.keys(workflowParameters));
  const values = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  const pod = Buffer.from(values['verification-pod'] ?? '', 'base64').toString();
  expect({ ...values, 'verification-pod': pod }).toEqual({
    'target-version': '',
    'node-name': '',
    'node-selector': '',
    'node-taint-key': '',
    'node-taint-value': '',
    'batch-size': '1',
    'drain-enabled': 'false',
    'drain-timeout': '300s',
    'verification-pod': podText,
    'verification-namespace': 'default',
    'verification-timeout': '180s',
    'helm-set-values': '',
    'rollback-scope': 'node',
    'helm-release': 'kata-deploy',
    'helm-namespace': 'kube-system',
    'deployment-mode': 'auto',
  });
});

test('follow every value of the chart', async () => {
  const defaults = {
    ...{ nodeSelector: 'pool=kata', nodeTaintKey: 'maintenance', nodeTaintValue: 'yes', batchSize: 12 },
    ...{ drainEnabled: true, drainTimeout: '5m', verificationNamespace: 'tests' },
    ...{ verificationTimeout: '10m', helmSetValues: 'debug=true', rollbackScope: 'run' },
    ...{ helmRelease: 'kata', helmNamespace: 'kata-system', deploymentMode: 'daemonset' },
  };
  const { spec } = await workflowOf(chart, { defaults });

  expect(Object.fromEntries(spec.arguments.parameters.map(({ name, value }) => [name, value]))).toMatchObject(
    {
      ...{ 'node-selector': 'pool=kata', 'node-taint-key': 'maintenance', 'node-taint-value': 'yes' },
      ...{ 'batch-size': '12', 'drain-enabled': 'true', 'drain-timeout': '5m' },
      ...{ 'verification-namespace': 'tests', 'verification-timeout': '10m', 'rollback-scope': 'run' },
      ...{ 'helm-set-values': 'debug=true', 'helm-release': 'kata', 'helm-namespace': 'kata-system' },
      'deployment-mode': 'daemonset',
    },
  );
});

test('a verification pod in base64 stays as it is', async () => {
  const given = Buffer.from(podText).toString('base64');
  const lines = given.replaceAll(/.{76}/g, '$&\n');

  for (const verificationPod of [given, lines]) {
    const { spec } = await workflowOf(chart, { defaults: { verificationPod } });
    const found = spec.arguments.parameters.find(({ name }) => name === 'verification-pod');
    expect(found?.value).toBe(given);
  }
});

test('each entrypoint has them with the same defaults, so that a templateRef may leave them out', () => {
  for (const name of entrypoints) {
    const { inputs } = templateOf(workflow, name);
    const expected = inputs.parameters.map((one) => ({
      name: one.name,
      description: one.description,
      default: valueOf(one.name),
    }));
    expect(inputs.parameters).toEqual(expected);
  }
  const all = Object.keys(workflowParameters);
  const namesOf = (name: string): readonly string[] =>
    templateOf(workflow, name).inputs.parameters.map((one) => one.name);
  expect(namesOf('upgrade-all-nodes')).toEqual(all);
  expect(namesOf('deploy-version')).toEqual(all);
  // There the name alone decides.
  const selectors = ['node-selector', 'node-taint-key', 'node-taint-value'];
  expect(namesOf('upgrade-single-node')).toEqual(all.filter((name) => !selectors.includes(name)));
});
