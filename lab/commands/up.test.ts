import { expect, test } from 'vitest';
import { chooseEngines, parseEngine } from './up.ts';

const newest = 'containerd-2.4';
const older = 'containerd-1.7';

test.each([
  { name: 'no options', options: { engine: [] }, engines: [newest, newest, newest] },
  { name: 'a number of nodes', options: { nodes: 2, engine: [] }, engines: [newest, newest] },
  { name: 'engines only', options: { engine: [older, newest] }, engines: [older, newest] },
  {
    name: 'fewer engines than nodes',
    options: { nodes: 3, engine: [newest, older] },
    engines: [newest, older, older],
  },
] as const)('$name', ({ options, engines }) => {
  expect(chooseEngines(options)).toEqual(engines);
});

test('more engines than nodes are refused', () => {
  expect(() => chooseEngines({ nodes: 1, engine: [newest, older] })).toThrow(
    expect.objectContaining({ message: '--engine is given 2 times for 1 nodes', exitCode: 2 }),
  );
});

test('an unknown engine is refused, and the hint lists the known ones', () => {
  expect(() => parseEngine('docker')).toThrow(
    expect.objectContaining({
      message: 'unknown container runtime "docker"',
      hint: 'use one of containerd-2.4, containerd-2.3, containerd-2.2, containerd-1.7, containerd-1.6, crio-1.36',
      exitCode: 2,
    }),
  );
});
