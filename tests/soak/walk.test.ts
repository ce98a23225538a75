import { expect, test } from 'vitest';
import { expectedExit, kataPods, mustServe, nameOf, type NodeModel, startModel, stepNames } from './model.ts';
import { describeStep, walk, type WalkStep, cleanupSteps } from './walk.ts';

const start: readonly NodeModel[] = [
  startModel('n1', { importsConfD: true, schema: 3 }),
  startModel('n2', { importsConfD: false, schema: 2 }),
];

function take(seed: number, count: number): readonly WalkStep[] {
  const steps = walk(seed, start);
  return Array.from({ length: count }, () => steps.next().value);
}

test('issue 12, acceptance 3: the same seed gives the same steps, another seed gives others', () => {
  const lines = (seed: number): readonly string[] => take(seed, 100).map(({ step }) => describeStep(step));

  expect(lines(7)).toEqual(lines(7));
  expect(lines(7)).not.toEqual(lines(8));
});

test('every kind of step occurs early, and on both nodes with one seed', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    expect([...new Set(take(seed, 120).map(({ step }) => nameOf(step)))].toSorted()).toEqual(
      stepNames.toSorted(),
    );
  }
  const found = new Set(take(1, 600).map(({ step }) => `${step.node} ${nameOf(step)}`));

  expect([...found].toSorted()).toEqual(
    ['n1', 'n2'].flatMap((node) => stepNames.map((name) => `${node} ${name}`)).toSorted(),
  );
});

test('pods start only with handlers that are served', () => {
  for (const { step, before } of take(3, 2000)) {
    if (step.kind !== 'pod' || step.change.verb !== 'starts') continue;
    const { handler } = step.change.pod;
    if (handler !== undefined) expect(mustServe(before)).toContain(handler);
  }
});

test('a removal is pending while Kata pods are running, and complete without them', () => {
  const removals = take(4, 4000).filter(({ step }) => step.kind === 'remove');

  for (const { step, before, after } of removals) {
    const waits = kataPods(before).length > 0;
    expect(expectedExit(before, step)).toBe(waits ? 6 : 0);
    if (!waits) expect(after.current).toBeUndefined();
    expect(after.isPending).toBe(waits);
  }
  expect(removals.some(({ after }) => after.isPending)).toBe(true);
});

test('the cleanup steps restore the first state', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const last = new Map(take(seed, 120).map(({ after }) => [after.name, after]));
    for (const model of last.values()) {
      const end = [...cleanupSteps(model)].at(-1)?.after;
      const before = start.find(({ name }) => name === model.name);
      expect(end).toEqual({ ...before, sharesConfD: end?.sharesConfD });
    }
  }
});
