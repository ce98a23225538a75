/** The workflow of the chart kata-lifecycle-manager: its steps, their pods, and what it does not rely on. */
import { beforeAll, describe, expect, test } from 'vitest';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';
import { type Template, templateOf, workflowOf, type WorkflowTemplate } from './lifecycle-values.ts';

let chart: HelmChart;
let workflow: WorkflowTemplate;

beforeAll(async () => {
  chart = new HelmChart(await findHelm(), 'kata-lifecycle-manager');
  workflow = await workflowOf(chart);
});

const entrypoints = ['upgrade-all-nodes', 'deploy-version', 'upgrade-single-node', 'rollback-node'];

const template = (name: string): Template => templateOf(workflow, name);

const pods = (): readonly Template[] =>
  workflow.spec.templates.filter(({ container }) => container !== undefined);

describe('the workflow', () => {
  test('is named after the release, and starts with all selected nodes', () => {
    expect(workflow.metadata).toMatchObject({ name: 'kata', namespace: 'argo' });
    expect(workflow.spec.entrypoint).toBe('upgrade-all-nodes');
    expect({ ...template('deploy-version'), name: '' }).toEqual({
      ...template('upgrade-all-nodes'),
      name: '',
    });
  });

  test('runs the steps one after the other', () => {
    const shape = (name: string): unknown =>
      template(name).steps?.map((group) =>
        group.map(({ name: step, template: called, when, continueOn, withParam }) =>
          [
            step === called ? step : `${step}: ${called}`,
            ...(withParam === undefined ? [] : [`for each of ${withParam}`]),
            ...(when === undefined ? [] : [`when ${when}`]),
            ...(continueOn === undefined ? [] : ['go on']),
          ].join(', '),
        ),
      );

    expect(
      Object.fromEntries(
        workflow.spec.templates.flatMap(({ name, steps }) =>
          steps === undefined ? [] : [[name, shape(name)]],
        ),
      ),
    ).toMatchInlineSnapshot(`
      {
        "deploy-version": [
          [
            "plan",
          ],
          [
            "run, when {{steps.plan.outputs.parameters.work}} == true",
          ],
        ],
        "repair": [
          [
            "node, for each of {{inputs.parameters.nodes}}",
          ],
        ],
        "rollback-node": [
          [
            "rollback",
          ],
        ],
        "run": [
          [
            "helm",
          ],
          [
            "prepare, go on",
          ],
          [
            "nodes: waves, when {{steps.prepare.status}} == Succeeded, go on",
          ],
          [
            "join",
          ],
          [
            "joined: waves, go on",
          ],
          [
            "settle",
          ],
          [
            "repair, go on",
          ],
          [
            "finish",
          ],
        ],
        "upgrade-all-nodes": [
          [
            "plan",
          ],
          [
            "run, when {{steps.plan.outputs.parameters.work}} == true",
          ],
        ],
        "upgrade-single-node": [
          [
            "plan",
          ],
          [
            "run, when {{steps.plan.outputs.parameters.work}} == true",
          ],
        ],
        "wave": [
          [
            "node, for each of {{inputs.parameters.nodes}}",
          ],
        ],
        "waves": [
          [
            "wave, for each of {{inputs.parameters.waves}}",
          ],
        ],
      }
    `);
  });

  test('does the waves one after the other and stops at the first that fails; a repair does every node', () => {
    const limits = workflow.spec.templates.flatMap(({ name, parallelism, failFast }) =>
      parallelism === undefined && failFast === undefined ? [] : [{ name, parallelism, failFast }],
    );

    expect(limits).toEqual([
      { name: 'waves', parallelism: 1, failFast: true },
      { name: 'repair', parallelism: 1, failFast: false },
    ]);
  });

  test('has one pod per node, whose inputs are the node and the run', () => {
    expect(template('node').inputs.parameters).toEqual([{ name: 'run' }, { name: 'node' }]);
  });

  test('calls no template in a circle', () => {
    const called = (name: string): readonly string[] =>
      (template(name).steps ?? []).flat().map((step) => step.template);
    const visit = (name: string, path: readonly string[]): number => {
      expect(path).not.toContain(name);
      return 1 + Math.max(0, ...called(name).map((next) => visit(next, [...path, name])));
    };

    expect(Math.max(...entrypoints.map((name) => visit(name, [])))).toBe(5);
  });

  test('relies on nothing that a templateRef, or the end of a workflow, would not have', () => {
    const text = JSON.stringify(workflow.spec);
    const used = [...text.matchAll(/\{\{(.*?)\}\}/g)].flatMap(([, name = '']) => name.split('.')[0] ?? []);

    expect(Object.keys(workflow.spec).toSorted()).toEqual(['arguments', 'entrypoint', 'podGC', 'templates']);
    expect([...new Set(used)].toSorted()).toEqual(['inputs', 'item', 'steps', 'workflow']);
    expect(new Set(text.match(/\{\{workflow\..*?\}\}/g))).toEqual(new Set(['{{workflow.uid}}']));
    expect(text).not.toMatch(/onExit|hooks|retryStrategy|synchronization|"script"|"resource":/);
  });
});

describe('the pods of the steps', () => {
  test('run kata-lifecycle, and no shell', () => {
    expect(
      pods().map(({ name, serviceAccountName, container }) => [
        name,
        serviceAccountName,
        container?.command,
        container?.args.filter((word) => !word.startsWith('--')),
      ]),
    ).toEqual([
      ['plan', 'kata-helm', ['kata-lifecycle'], ['step', 'plan']],
      ['helm', 'kata-helm', ['kata-lifecycle'], ['step', 'helm']],
      ['prepare', 'kata-node', ['kata-lifecycle'], ['step', 'prepare']],
      ['node', 'kata-node', ['kata-lifecycle'], ['step', 'node']],
      ['join', 'kata-node', ['kata-lifecycle'], ['step', 'join']],
      ['settle', 'kata-helm', ['kata-lifecycle'], ['step', 'settle']],
      ['finish', 'kata-node', ['kata-lifecycle'], ['step', 'finish']],
      ['rollback', 'kata-helm', ['kata-lifecycle'], ['step', 'rollback']],
    ]);
    expect(JSON.stringify(workflow)).not.toMatch(/"(\/bin\/)?(ba|da|a)?sh"|kubectl|curl|jq/);
  });

  test('tolerate control planes and cordons, require no label, and avoid the node that they change', async () => {
    const tolerations = [{ key: 'gpu', operator: 'Exists' }];
    const other = await workflowOf(chart, { tolerations, nodeSelector: { pool: 'system' } });

    for (const pod of pods()) {
      expect(pod.nodeSelector).toBeUndefined();
      expect(pod.tolerations).toEqual([
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
        { key: 'node-role.kubernetes.io/master', operator: 'Exists' },
        { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
      ]);
      const same = other.spec.templates.find(({ name }) => name === pod.name);
      expect(same?.nodeSelector).toEqual({ pool: 'system' });
      expect(same?.tolerations).toEqual([...(pod.tolerations ?? []), ...tolerations]);
    }
    const preferences = pods().flatMap(({ name, affinity }) =>
      affinity === undefined ? [] : [[name, JSON.stringify(affinity)]],
    );
    const avoiding = (input: string): string =>
      JSON.stringify({
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              preference: {
                matchFields: [
                  { key: 'metadata.name', operator: 'NotIn', values: [`{{inputs.parameters.${input}}}`] },
                ],
              },
            },
          ],
        },
      });
    expect(preferences).toEqual([
      ['node', avoiding('node')],
      ['rollback', avoiding('node-name')],
    ]);
  });

  test('are not root, and write only into a folder of their own, where their outputs are', () => {
    for (const { securityContext, container, volumes, outputs } of pods()) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true });
      expect(container?.securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ['ALL'] },
      });
      expect(volumes).toEqual([{ name: 'scratch', emptyDir: {} }]);
      for (const { valueFrom } of outputs?.parameters ?? [])
        expect(valueFrom.path).toMatch(/^\/tmp\/outputs\//);
    }
  });

  test('those that run Helm get the source of the chart, its authorities and its credentials', async () => {
    const { spec } = await workflowOf(chart, {
      chart: {
        ...{ source: 'kata-deploy', repository: 'http://charts.example.org', plainHttp: true },
        ...{ ca: { configMap: 'authorities', key: 'root.pem' }, credentialsSecret: 'registry' },
      },
    });

    const withChart = spec.templates.filter(({ container }) =>
      container?.args.some((word) => word.startsWith('--chart')),
    );
    expect(withChart.map(({ name }) => name)).toEqual(['plan', 'helm', 'settle', 'rollback']);
    for (const { container, volumes } of withChart) {
      expect(container?.args.slice(-5)).toEqual([
        '--chart=kata-deploy',
        '--chart-repository=http://charts.example.org',
        '--plain-http',
        '--chart-ca-file=/etc/kata-lifecycle/ca/root.pem',
        '--chart-credentials-file=/etc/kata-lifecycle/credentials/.dockerconfigjson',
      ]);
      expect(volumes?.slice(1)).toEqual([
        { name: 'chart-ca', configMap: { name: 'authorities' } },
        { name: 'chart-credentials', secret: { secretName: 'registry' } },
      ]);
    }
  });

  test.each<[string, object, string]>([
    ['nothing', {}, 'quay.io/kata-containers/kata-lifecycle-manager:0.0.0'],
    ['a tag', { image: { reference: 'r/k', tag: '1' } }, 'r/k:1'],
    ['a digest', { image: { reference: 'r/k', tag: 'sha256:12' } }, 'r/k@sha256:12'],
    ['a reference with a digest', { image: { reference: 'r/k@sha256:12' } }, 'r/k@sha256:12'],
  ])('have the image that is set by %s', async (_, values, image) => {
    const { spec } = await workflowOf(chart, values);

    const images = spec.templates.flatMap(({ container }) => container?.image ?? []);
    expect(images).toEqual(images.map(() => image));
    expect(images).toHaveLength(8);
  });
});
