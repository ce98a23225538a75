import { expect, test } from 'vitest';
import type { LabRecord } from '../record.ts';
import { requireSameLab } from './same-lab.ts';

const existing: LabRecord = {
  name: 'second',
  createdAt: '2026-11-21T10:00:00.000Z',
  complete: true,
  apiPort: 40_001,
  registryPort: 40_002,
  argo: false,
  nodes: [
    { name: 'n1', engine: 'containerd-2.4', index: 1 },
    { name: 'n2', engine: 'containerd-1.7', index: 2 },
  ],
};
const engines = existing.nodes.map((node) => node.engine);

test.each([
  { name: 'the same lab', has: false, wanted: { engines, argo: false } },
  { name: 'the same lab with Argo Workflows', has: true, wanted: { engines, argo: true } },
  { name: 'Argo Workflows that nobody asks for', has: true, wanted: { engines, argo: false } },
])('$name is accepted', ({ has, wanted }) => {
  expect(() => {
    requireSameLab({ ...existing, argo: has }, wanted);
  }).not.toThrow();
});

test.each([
  {
    name: 'fewer nodes',
    wanted: { engines: engines.slice(0, 1), argo: false },
    message: 'lab "second" is already running with other nodes (containerd-2.4, containerd-1.7)',
  },
  {
    name: 'other engines',
    wanted: { engines: engines.toReversed(), argo: false },
    message: 'lab "second" is already running with other nodes (containerd-2.4, containerd-1.7)',
  },
  {
    name: 'Argo Workflows that it lacks',
    wanted: { engines, argo: true },
    message: 'lab "second" is already running without Argo Workflows',
  },
])('$name: refused as a conflict', ({ wanted, message }) => {
  expect(() => {
    requireSameLab(existing, wanted);
  }).toThrow(expect.objectContaining({ code: 'KATA_LAB_EXISTS', exitCode: 4, message }));
});
