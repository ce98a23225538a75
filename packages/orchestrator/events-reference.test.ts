import { expect, test } from 'vitest';
import { lifecycleEventKinds, lifecycleExampleLine } from './events-reference.ts';

const kinds = Object.keys(lifecycleEventKinds) as (keyof typeof lifecycleEventKinds)[];

test.each(kinds)('an event of the kind %s is one line of JSON with its fields and a message', (kind) => {
  const line = lifecycleExampleLine(kind);
  const { example } = lifecycleEventKinds[kind];

  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toMatchObject({ ...example, message: expect.stringMatching(/\S/) });
});
