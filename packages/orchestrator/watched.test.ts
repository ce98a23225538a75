import { expect, test } from 'vitest';
import { Watched } from './watched.ts';

const at = (uid: string, resourceVersion: string): { uid: string; resourceVersion: string } => ({
  uid,
  resourceVersion,
});

test('an answer of ours is not replaced by an older change or list of the watch', () => {
  const watched = new Watched<{ uid: string; resourceVersion: string }>();
  watched.take({ kind: 'listed', objects: [at('a', '5'), at('b', '6')] });

  watched.answer(at('a', '12'));
  watched.take({ kind: 'changed', object: at('a', '9') });
  watched.take({ kind: 'listed', objects: [at('a', '10')] });

  expect(watched.all).toEqual([at('a', '12')]);
});

test('what was deleted is gone', () => {
  const watched = new Watched<{ uid: string }>();
  expect(watched.isListed).toBe(false);
  watched.take({ kind: 'listed', objects: [{ uid: 'a' }] });
  watched.take({ kind: 'changed', object: { uid: 'b' } });
  watched.take({ kind: 'deleted', object: { uid: 'a' } });

  expect(watched.isListed).toBe(true);
  expect(watched.all).toEqual([{ uid: 'b' }]);
});

test('an answer of ours that comes after the deletion does not bring the object back', () => {
  const watched = new Watched<{ uid: string; resourceVersion: string }>();
  watched.take({ kind: 'listed', objects: [at('a', '5')] });
  watched.take({ kind: 'deleted', object: at('a', '7') });

  watched.answer(at('a', '6'));

  expect(watched.all).toEqual([]);
  expect(watched.get('a')).toBeUndefined();
});

test('all objects are the same list until one changes', () => {
  const watched = new Watched<{ uid: string }>();
  watched.take({ kind: 'listed', objects: [{ uid: 'a' }] });
  const { all } = watched;
  expect(watched.all).toBe(all);

  watched.take({ kind: 'changed', object: { uid: 'b' } });

  expect(watched.all).toEqual([{ uid: 'a' }, { uid: 'b' }]);
  expect(all).toEqual([{ uid: 'a' }]);
  expect(watched.get('b')).toEqual({ uid: 'b' });
});
