import { expect, test } from 'vitest';
import { engineFailure } from './engine-failure.ts';

const unit = { engineUnit: 'containerd.service', unloaded: [] };

test('issue 12.22: the error for an engine that stays down names files that others changed, because ours were restored', () => {
  const outcome = { isItsFault: true, state: 'down', error: 'cannot restart it' } as const;
  const neighbour = '/etc/containerd/conf.d/neighbour.toml';
  const message =
    'the container runtime failed with the new configuration; all changes were rolled back, but it did not start again: cannot restart it';

  expect(engineFailure(outcome, unit, undefined).message).toBe(message);
  expect(engineFailure(outcome, { ...unit, unloaded: [neighbour] }, undefined).message).toBe(
    `${message}; it was also started with files that others changed: ${neighbour}`,
  );
});

test('issue 12.22: the error for an engine that runs as before names no files, because it has loaded them', () => {
  const outcome = { isItsFault: true, state: 'as before' } as const;

  expect(engineFailure(outcome, { ...unit, unloaded: ['/etc/x'] }, undefined).message).toBe(
    'the container runtime failed with the new configuration; it runs again with its previous configuration',
  );
});
