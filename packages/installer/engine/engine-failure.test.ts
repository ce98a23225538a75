import { expect, test } from 'vitest';
import { engineFailure } from './engine-failure.ts';

const unit = { engineUnit: 'containerd.service', unloaded: [] };

test('issue 12.22: an engine that stays down names what others changed, for our files are as they were', () => {
  const outcome = { isItsFault: true, state: 'down', error: 'cannot restart it' } as const;
  const neighbour = '/etc/containerd/conf.d/neighbour.toml';
  const says = 'the engine did not accept the change; the engine did not come back either: cannot restart it';

  expect(engineFailure(outcome, unit, undefined).message).toBe(says);
  expect(engineFailure(outcome, { ...unit, unloaded: [neighbour] }, undefined).message).toBe(
    `${says}; it was also started with what others changed: ${neighbour}`,
  );
});

test('issue 12.22: an engine that runs as before has loaded them, too, and nobody is blamed', () => {
  const outcome = { isItsFault: true, state: 'as before' } as const;

  expect(engineFailure(outcome, { ...unit, unloaded: ['/etc/x'] }, undefined).message).toBe(
    'the engine did not accept the change; the engine runs with its previous configuration',
  );
});
