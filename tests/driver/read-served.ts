/** Reads the handlers that containerd reports on a node: runs `served-handlers.ts` there, with the Node of an unpacked image. */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabDriver } from './lab-driver.ts';
import { imageDirectory } from './node-installer.ts';

const program = '/run/kata-test/served-handlers.ts';

/** A boot of the node deletes the copy. */
export async function copyServedHandlers(lab: LabDriver, node: string): Promise<void> {
  const text = await readFile(join(import.meta.dirname, 'served-handlers.ts'));
  await lab.onNode(node, ['tee', program], text);
}

/** A shell command that prints a line for each handler whose name begins with the prefix. */
export function servedCommand(image: string, prefix = 'kata'): string {
  const node = `${imageDirectory(image)}/usr/bin/node --disable-warning=ExperimentalWarning`;
  return `${node} ${program} /run/containerd/containerd.sock '${prefix}'`;
}

/** Names of Kata's handlers, sorted; the shim and the configuration of each must exist. */
export async function readServed(lab: LabDriver, node: string, image: string): Promise<readonly string[]> {
  const output = await lab.onNode(node, ['sh', '-c', servedCommand(image)]);
  assert.doesNotMatch(output, / is missing\b/);
  return namesOf(output);
}

/** The names in the output of `servedCommand`. */
export function namesOf(output: string): readonly string[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '');
}
