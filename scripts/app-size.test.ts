import { expect, test } from 'vitest';
import { findLargeApps } from './app-size.ts';

const file = (path: string, lines: number): { path: string; text: string } => ({
  path,
  text: 'a\n'.repeat(lines),
});

test('a program file above the limit is reported; tests and packages have no such limit', () => {
  const files = [
    file('apps/deploy/commands/install.ts', 120),
    file('apps/deploy/commands/plan.ts', 121),
    file('apps/deploy/main.test.ts', 290),
    file('packages/node-agent/serve.ts', 290),
  ];

  expect(findLargeApps(files)).toEqual([
    'apps/deploy/commands/plan.ts has 121 lines; a file of a program has at most 120: move its logic into a package',
  ]);
});

test('a program of many small files is reported above the limit; each program has its own', () => {
  const deploy = Array.from({ length: 16 }, (_, index) => file(`apps/deploy/commands/c${index}.ts`, 100));
  const lifecycle = file('apps/lifecycle/main.ts', 100);

  expect(findLargeApps([...deploy, lifecycle])).toEqual([
    'apps/deploy has 1600 lines; at most 1550 are allowed: move logic into packages',
  ]);
  expect(findLargeApps([...deploy.slice(1), lifecycle])).toEqual([]);
});
