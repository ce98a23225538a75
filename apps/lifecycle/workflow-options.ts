/** The parameters of the workflow as options of the same names: texts, each of which may be empty. */
import {
  checkDeploymentMode,
  type WorkflowParameter,
  workflowParameters,
} from '@kata/orchestrator/workflow-parameters';
import { type Command, Option } from 'commander';

/** They are options of every command: `--release`, `--namespace`. */
const elsewhere: readonly string[] = ['helm-release', 'helm-namespace'] satisfies WorkflowParameter[];

const parameters = Object.entries(workflowParameters).filter(([name]) => !elsewhere.includes(name));

/** Of the rollback of a node. */
export const rollbackParameters: readonly WorkflowParameter[] = [
  ...(['node-name', 'verification-pod', 'verification-namespace', 'verification-timeout'] as const),
];

/** `only`: these; left out: all. */
export function addWorkflowOptions(command: Command, only?: readonly string[]): Command {
  for (const [name, meaning] of parameters) {
    if (only !== undefined && !only.includes(name)) continue;
    command.addOption(new Option(`--${name} <text>`, meaning));
  }
  return command;
}

export function readWorkflowOptions(command: Command): Readonly<Record<string, string | undefined>> {
  const given: Readonly<Record<string, string | undefined>> = command.opts();
  checkDeploymentMode(given['deploymentMode'] ?? '');
  return Object.fromEntries(
    parameters.map(([name]) => [name, given[new Option(`--${name}`).attributeName()]]),
  );
}
