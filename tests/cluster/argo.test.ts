/** Argo Workflows in the lab, and what a chain of nodes relies on: loops in loops, fail-fast, a step after a failure. */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-argo');

const patience = { timeout: 120_000, interval: 500 };

interface WorkflowState {
  readonly name: string;
  readonly phase: string | undefined;
  readonly message: string | undefined;
  /** What became of each pod, by the name of its step. */
  readonly pods: Readonly<Record<string, string>>;
}

interface WorkflowJson {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly nodes?: Readonly<Record<string, StepJson>>;
  };
}

interface StepJson {
  readonly type: string;
  readonly displayName: string;
  readonly phase: string;
  readonly message?: string;
}

function stateOf({ metadata, status }: WorkflowJson): WorkflowState {
  const pods = Object.values(status?.nodes ?? {}).filter(({ type }) => type === 'Pod');
  return {
    name: metadata.name,
    phase: status?.phase,
    message: status?.message,
    pods: Object.fromEntries(
      pods.map(({ displayName, phase, message = '' }) => [
        displayName,
        message === '' ? phase : `${phase}: ${message}`,
      ]),
    ),
  };
}

async function readWorkflow(name: string): Promise<WorkflowState> {
  const text = await lab.kubectl(['get', 'workflow', name, '--namespace=argo', '--output=json']);
  return stateOf(JSON.parse(text) as WorkflowJson);
}

/** Returns the name of the workflow. */
async function submit(words: readonly string[], input?: string): Promise<string> {
  return (await lab.lab(['argo', 'submit', ...words, '--output=name'], input)).trim();
}

async function submitWorkflow(spec: object): Promise<string> {
  const metadata = { generateName: 'test-' };
  const workflow = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec };
  return await submit(['-'], JSON.stringify(workflow));
}

async function waitForEnd(name: string): Promise<WorkflowState> {
  return await waitFor({ what: `workflow ${name} to end`, timeoutMs: 300_000 }, async () => {
    const state = await readWorkflow(name);
    return ['Succeeded', 'Failed', 'Error'].includes(state.phase ?? '') ? state : undefined;
  });
}

async function runChain(words: readonly string[]): Promise<WorkflowState> {
  return await waitForEnd(await submit(['--from=workflowtemplate/chain', ...words]));
}

const inputs = (...names: readonly string[]): object => ({
  inputs: { parameters: names.map((name) => ({ name })) },
});

const given = (name: string, value: string): object => ({
  arguments: { parameters: [{ name, value }] },
});

const container = (...command: readonly string[]): object => ({
  container: { image: 'registry.lab:5000/busybox:1', command },
});

/** One after the other, and nothing after the first that fails. */
const loop = (name: string, over: string, item: string, template: string): object => ({
  ...{ name, ...inputs(over), parallelism: 1, failFast: true },
  steps: [[{ name: item, template, withParam: `{{inputs.parameters.${over}}}`, ...given(item, '{{item}}') }]],
});

/** Waves of nodes, and a step that ends with the result of all. */
const chain = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'WorkflowTemplate',
  metadata: { name: 'chain', namespace: 'argo' },
  spec: {
    entrypoint: 'main',
    arguments: {
      parameters: [
        { name: 'waves', value: '' },
        { name: 'failing', value: '' },
        { name: 'node', value: '' },
      ],
    },
    templates: [
      {
        name: 'main',
        steps: [
          [
            {
              ...{ name: 'nodes', template: 'waves', continueOn: { failed: true } },
              ...given('waves', '{{workflow.parameters.waves}}'),
            },
          ],
          [{ name: 'settle', template: 'settle', ...given('status', '{{steps.nodes.status}}') }],
        ],
      },
      loop('waves', 'waves', 'wave', 'wave'),
      loop('wave', 'wave', 'node', 'node'),
      {
        name: 'node',
        ...inputs('node'),
        ...container('test', '{{inputs.parameters.node}}', '!=', '{{workflow.parameters.failing}}'),
      },
      {
        name: 'settle',
        ...inputs('status'),
        ...container('test', '{{inputs.parameters.status}}', '=', 'Succeeded'),
      },
    ],
  },
};

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--argo']);
  await lab.apply(chain);
});

afterAll(async () => {
  await lab.down();
});

test('the first node that fails ends both loops, and the step after them ends the workflow', async () => {
  const state = await runChain(['-p', 'waves=[["a","b"],["c","d"],["e"]]', '-p', 'failing=c']);

  expect(state).toMatchObject({ phase: 'Failed', message: expect.stringMatching(/^child '.*' failed$/) });
  expect(state.pods).toEqual({
    'node(0:a)': 'Succeeded',
    'node(1:b)': 'Succeeded',
    'node(0:c)': 'Failed: main: Error (exit code 1)',
    settle: 'Failed: main: Error (exit code 1)',
  });
});

test('every parameter has a default, so that a step can be run alone', async () => {
  const [alone, refused] = await Promise.all([
    runChain(['--entrypoint=node', '-p', 'node=a']),
    runChain(['--entrypoint=node']),
  ]);

  expect(alone).toMatchObject({ phase: 'Succeeded', pods: { [alone.name]: 'Succeeded' } });
  expect(refused).toMatchObject({
    phase: 'Failed',
    pods: { [refused.name]: 'Failed: main: Error (exit code 1)' },
  });
});

test('another workflow runs the templates, which see the parameters of that workflow', async () => {
  const name = await submitWorkflow({
    entrypoint: 'main',
    arguments: {
      parameters: [
        { name: 'waves', value: '[["a"],["b"]]' },
        { name: 'failing', value: '-' },
      ],
    },
    templates: [
      { name: 'main', steps: [[{ name: 'all', templateRef: { name: 'chain', template: 'main' } }]] },
    ],
  });

  expect(await waitForEnd(name)).toMatchObject({
    phase: 'Succeeded',
    pods: { 'node(0:a)': 'Succeeded', 'node(0:b)': 'Succeeded', settle: 'Succeeded' },
  });
});

test('a terminated workflow sends SIGTERM to its step, and runs no other', async () => {
  const waits = 'trap "echo terminated; exit 9" TERM; echo started; sleep 600 & wait';
  const name = await submitWorkflow({
    entrypoint: 'main',
    templates: [
      {
        name: 'main',
        steps: [
          [{ name: 'first', template: 'wait', continueOn: { failed: true } }],
          [{ name: 'second', template: 'quick' }],
        ],
      },
      { name: 'wait', ...container('sh', '-c', waits) },
      { name: 'quick', ...container('true') },
    ],
  });
  const readLog = async (): Promise<string> => {
    const selector = `--selector=workflows.argoproj.io/workflow=${name}`;
    return await lab.kubectl(['logs', '--namespace=argo', selector, '--container=main']);
  };
  await expect.poll(async () => await readLog().catch(() => ''), patience).toContain('started');

  await lab.lab(['argo', 'terminate', name]);

  const state = await waitForEnd(name);
  expect(state).toMatchObject({ phase: 'Failed', message: "Stopped with strategy 'Terminate'" });
  expect(state.pods).toEqual({
    first: expect.stringMatching(/^Failed: workflow shutdown/),
    second: expect.stringMatching(/^Failed: workflow shutdown/),
  });
  await expect.poll(readLog, patience).toContain('terminated');
});
