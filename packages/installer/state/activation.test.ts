import { describe, expect, test } from 'vitest';
import type { Action } from './actions.ts';
import { isLastChange, isLoaded, noteOfChange } from './activation.ts';

describe('issue 12.2: the engine has loaded our changes', () => {
  const running = { isActive: true, invocationId: 'b' };

  test.each([
    { title: 'when the journal has no note', note: 'loaded', engine: running, loaded: true },
    { title: 'not while they are being written', note: 'pending', engine: running, loaded: false },
    {
      title: 'not by the start that was active then',
      note: { changedDuring: 'b' },
      engine: running,
      loaded: false,
    },
    { title: 'by a later start', note: { changedDuring: 'a' }, engine: running, loaded: true },
    {
      title: 'not by a later start that is no longer active',
      note: { changedDuring: 'a' },
      engine: { ...running, isActive: false },
      loaded: false,
    },
    {
      title: 'not when systemd reports no InvocationID',
      note: { changedDuring: 'a' },
      engine: { isActive: true, invocationId: undefined },
      loaded: false,
    },
  ] as const)('$title', ({ note, engine, loaded }) => {
    expect(isLoaded(note, engine)).toBe(loaded);
  });

  test('never when the start that was active during the change is unknown', () => {
    expect(isLoaded(noteOfChange({ invocationId: undefined }), running)).toBe(false);
  });
});

test('the last change before a restart is the one after which the InvocationID is recorded', () => {
  const edit: Action = { kind: 'file.remove', path: '/a', before: '', area: 'engine' };
  const link: Action = { kind: 'link.set', path: '/b', before: undefined, target: 'c' };
  const restart: Action = { kind: 'engine.restart', unit: 'u', reasons: [] };
  const actions: readonly Action[] = [edit, edit, link, restart, { ...link, awaitsRestart: true }, link];

  expect(actions.map((_, step) => isLastChange(actions, step))).toEqual([
    false,
    true,
    true,
    false,
    true,
    true,
  ]);
});
