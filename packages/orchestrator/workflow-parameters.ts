/** The parameters of the workflow: those of a run, and where the release is. Each may be empty; the step resolves them. */
import { exitCodes, KataError } from '@kata/core';
import { type RunParameter, runParameters } from './run-parameters.ts';

/** In the order in which `argo template get` lists them. */
export const workflowParameters = {
  ...meanings(),
  'helm-release': 'Helm release of kata-deploy',
  'helm-namespace': 'its namespace',
  'deployment-mode': 'accepted for workflows of lifecycle-manager: auto or daemonset',
} as const satisfies Readonly<Record<string, string>>;

export type WorkflowParameter = keyof typeof workflowParameters;

function meanings(): Readonly<Record<RunParameter, string>> {
  const entries = Object.entries(runParameters).map(([name, { meaning }]) => [name, meaning]);
  return Object.fromEntries(entries) as Readonly<Record<RunParameter, string>>;
}

/** Of a workflow for one node: without a name, it would upgrade others. */
export function requireNodeName(given: Readonly<Record<string, string | undefined>>): string {
  const name = given['node-name']?.trim() ?? '';
  if (name !== '') return name;
  throw new KataError('KATA_LIFECYCLE_PARAMETER', 'the parameter node-name is refused: it is empty', {
    exitCode: exitCodes.usage,
    hint: 'name the node: -p node-name=NODE',
  });
}

/** There is one mode; a workflow that asks for another must not get this one. */
export function checkDeploymentMode(text: string): void {
  if (['', 'auto', 'daemonset'].includes(text.trim())) return;
  throw new KataError(
    'KATA_LIFECYCLE_PARAMETER',
    `the parameter deployment-mode is refused: "${text.trim()}" is not supported`,
    {
      exitCode: exitCodes.usage,
      hint: 'leave it empty, or write auto or daemonset: kata-deploy installs by a DaemonSet',
    },
  );
}
