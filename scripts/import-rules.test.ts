import { expect, test } from 'vitest';
import { findImportProblems } from './import-rules.ts';

test.each([
  { path: 'packages/report/a.ts', specifier: '@kata/core' },
  { path: 'packages/oci/a.ts', specifier: './b.ts' },
  { path: 'packages/oci/deep/a.ts', specifier: '../b.ts' },
  { path: 'packages/oci/a.ts', specifier: 'node:fs/promises' },
  { path: 'packages/core/a.ts', specifier: 'node:timers/promises' },
  { path: 'packages/core/a.ts', specifier: 'path' },
  { path: 'lab/main.ts', specifier: 'node:(computed)' },
  { path: 'packages/core/a.test.ts', specifier: 'node:fs/promises' },
  { path: 'packages/rollout/a.ts', specifier: '@kata/kata' },
  { path: 'apps/deploy/main.ts', specifier: '@kata/orchestrator' },
  { path: 'lab/main.ts', specifier: '@kata/oci' },
  { path: 'tests/cluster/a.test.ts', specifier: '@kata/lab' },
  { path: 'tests/cluster/a.test.ts', specifier: '../driver/b.ts' },
  { path: 'lab/main.ts', specifier: 'commander' },
  { path: 'packages/installer/plan/a.ts', specifier: '../facts/b.ts' },
  { path: 'packages/installer/plan/a.test.ts', specifier: '../testkit/b.ts' },
])('$path may import $specifier', ({ path, specifier }) => {
  expect(findImportProblems([{ path, imports: [specifier] }])).toEqual([]);
});

test.each([
  {
    path: 'packages/core/a.ts',
    specifier: '@kata/report',
    problem: 'imports point downwards only',
  },
  {
    path: 'packages/installer/facts/a.ts',
    specifier: '../plan/b.ts',
    problem: 'the folder "facts" comes before "plan" in scripts/import-rules.ts',
  },
  { path: 'packages/engines/a.ts', specifier: '@kata/kube', problem: 'imports point downwards only' },
  { path: 'packages/oci/a.ts', specifier: '@kata/lab', problem: 'only tests import the lab' },
  { path: 'apps/deploy/main.ts', specifier: '@kata/lab', problem: 'only tests import the lab' },
  { path: 'packages/oci/a.ts', specifier: '@kata/deploy', problem: 'nothing imports a program' },
  { path: 'apps/lifecycle/main.ts', specifier: '@kata/deploy', problem: 'nothing imports a program' },
  { path: 'lab/main.ts', specifier: '@kata/deploy', problem: 'nothing imports a program' },
  { path: 'lab/main.ts', specifier: '@kata/nothing', problem: 'there is no package "nothing"' },
  {
    path: 'packages/toml/a.ts',
    specifier: '@kata/host',
    problem: 'the package "toml" does no input or output',
  },
  {
    path: 'packages/core/a.ts',
    specifier: 'node:fs',
    problem: 'the package "core" does no input or output',
  },
  {
    path: 'packages/core/a.ts',
    specifier: 'fs/promises',
    problem: 'the package "core" does no input or output',
  },
  {
    path: 'packages/core/a.ts',
    specifier: 'node:(computed)',
    problem: 'the package "core" does no input or output',
  },
  {
    path: 'packages/rollout/a.ts',
    specifier: 'node:net',
    problem: 'the package "rollout" does no input or output',
  },
  {
    path: 'packages/oci/a.ts',
    specifier: '../core/index.ts',
    problem: 'a relative import stays inside its own package; use the name of the package',
  },
  {
    path: 'apps/deploy/main.ts',
    specifier: '../lifecycle/main.ts',
    problem: 'a relative import stays inside its own package; use the name of the package',
  },
  { path: 'lab/main.ts', specifier: '../tests/driver/b.ts', problem: 'only tests import test code' },
  { path: 'packages/oci/a.ts', specifier: './b.test.ts', problem: 'only tests import test code' },
  { path: 'packages/oci/a.ts', specifier: './testkit/b.ts', problem: 'only tests import test code' },
  {
    path: 'packages/node-agent/a.ts',
    specifier: '@kata/installer/testkit',
    problem: 'only tests import test code',
  },
])('$path may not import $specifier', ({ path, specifier, problem }) => {
  const files = [
    { path, imports: [specifier] },
    { path: 'apps/deploy/main.ts', imports: [] },
  ];

  const problems = findImportProblems(files);

  expect(problems).toEqual([`${path} imports ${specifier}: ${problem}`]);
});

test.each([
  { path: 'lab/utils/a.ts', name: 'utils' },
  { path: 'packages/core/helpers.ts', name: 'helpers' },
  { path: 'packages/core/common.test.ts', name: 'common' },
  { path: 'lab/shim/misc/a.go', name: 'misc' },
])('the vague name in $path is reported', ({ path, name }) => {
  expect(findImportProblems([{ path, imports: [] }])).toEqual([`${path}: "${name}" names no concept`]);
});

test('a package without a layer is reported', () => {
  expect(findImportProblems([{ path: 'packages/new/index.ts', imports: [] }])).toEqual([
    'packages/new/index.ts: the package "new" is in no layer of scripts/import-rules.ts',
  ]);
});
