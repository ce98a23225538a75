/** Names of those who hold the Lease of the runs. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

const ofWorkflow = /^workflow-(.+)$/;
const ofProcess = /^(.+)-(\d+)-[0-9a-f]{4}$/;

/** All pods of a workflow have the same. */
export function workflowHolder(uid: string): string {
  return `workflow-${uid}`;
}

/** Of this process; another one after it has another. */
export function processHolder(): string {
  return `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;
}

export function describeHolder(holder: string): string {
  const workflow = ofWorkflow.exec(holder);
  if (workflow !== null) return `the workflow with the uid ${workflow[1]}`;
  const found = ofProcess.exec(holder);
  return found === null ? holder : `process ${found[2]} on ${found[1]}`;
}
