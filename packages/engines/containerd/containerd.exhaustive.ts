import { expect, test } from 'vitest';
import { describeEngine } from '../conformance/describe-engine.ts';
import { fixturesOf, tested } from './testkit/conformance-machines.ts';
import { allVersions, walkRandomly } from './testkit/random-walk.ts';

describeEngine('containerd', tested, allVersions.flatMap(fixturesOf));

test('thousands of random installations on random files keep every law and restore every byte', async () => {
  const walked = await walkRandomly(9800, 20_261_121);

  expect(walked.documents).toBeGreaterThan(5000);
  expect(walked.steps).toBeGreaterThan(walked.documents);
});
