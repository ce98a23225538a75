import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../bin/kata-lifecycle');
const plan = ['--release=', '--namespace=', 'step', 'plan', '--workflow=w1', '--outputs=/nowhere'];
const needed = ['--target-version=3.25.0', '--verification-pod=kind: Pod'];

test.each<[string, readonly string[], string]>([
  [
    'a workflow for one node without its name',
    ['--nodes=one', '--node-name='],
    'node-name is refused: it is empty',
  ],
  [
    'another deployment mode',
    ['--deployment-mode=job'],
    'deployment-mode is refused: "job" is not supported',
  ],
  ['an empty version', ['--target-version='], 'target-version is refused: it is empty'],
  ['an empty verification pod', ['--verification-pod='], 'verification-pod is refused: it is empty'],
  ['a drain that is no switch', ['--drain-enabled=yes'], 'drain-enabled is refused: "yes" is neither'],
])('%s is refused before anything is read', async (_, words, message) => {
  const { exitCode, stderr } = await execa(program, [...plan, ...needed, ...words], { reject: false });

  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringContaining(`kata-lifecycle: the parameter ${message}`) as string,
  });
});

test('a step of a run refuses a run that no plan wrote', async () => {
  const { exitCode, stderr } = await execa(program, ['step', 'prepare', '--workflow=w1', '--run=r1'], {
    reject: false,
  });

  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringContaining('"r1" does not name a run') as string,
  });
});

test('the rollback of a node needs its name', async () => {
  const { exitCode, stderr } = await execa(program, ['step', 'rollback', '--workflow=w1', '--node-name='], {
    reject: false,
  });

  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringContaining('the parameter node-name is refused: it is empty') as string,
  });
});
