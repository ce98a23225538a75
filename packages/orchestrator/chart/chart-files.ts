/** Renders the generated files of the chart kata-lifecycle-manager: the schema of its values, and the workflow's parameters. */
import * as z from 'zod';
import { workflowParameters } from '../workflow-parameters.ts';
import { lifecycleValues } from './values.ts';

export function renderLifecycleSchema(): string {
  const schema = z.toJSONSchema(lifecycleValues, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'Values of the chart kata-lifecycle-manager' }, undefined, 2)}\n`;
}

export function renderWorkflowParameters(): string {
  const rows = Object.entries(workflowParameters).map(([name, description]) => ({ name, description }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}
