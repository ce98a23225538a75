import { expect, test } from 'vitest';
import { describeProgress, Progress, type ProgressEvent } from './progress.ts';

test.each<[ProgressEvent, string]>([
  [{ kind: 'tasks.planned', tasks: ['kube', 'cni'] }, 'planned: kube, cni'],
  [{ kind: 'task.started', task: 'kube' }, 'kube …'],
  [{ kind: 'task.started', task: 'kube', detail: 'again' }, 'kube: again …'],
  [{ kind: 'task.progress', task: 'kube', detail: 'compiling' }, 'kube: compiling'],
  [{ kind: 'task.done', task: 'kube', detail: '' }, 'kube'],
  [{ kind: 'task.done', task: 'kube', detail: 'built' }, 'kube: built'],
  [{ kind: 'task.failed', task: 'kube', error: 'no Go' }, 'failed: kube: no Go'],
  [{ kind: 'note', message: 'That was it.' }, 'That was it.'],
])('%j reads "%s"', (event, line) => {
  expect(describeProgress(event)).toBe(line);
});

test('a task reports its start, its details and its end with the last detail', async () => {
  const events: ProgressEvent[] = [];
  const progress = new Progress((event) => void events.push(event));

  progress.plan(['kube']);
  const result = await progress.task('kube', async (setDetail) => {
    setDetail('compiling');
    setDetail('built');
    return 42;
  });
  progress.note('That was it.');

  expect(result).toBe(42);
  expect(events).toEqual([
    { kind: 'tasks.planned', tasks: ['kube'] },
    { kind: 'task.started', task: 'kube' },
    { kind: 'task.progress', task: 'kube', detail: 'compiling' },
    { kind: 'task.progress', task: 'kube', detail: 'built' },
    { kind: 'task.done', task: 'kube', detail: 'built' },
    { kind: 'note', message: 'That was it.' },
  ]);
});

test.each([
  { thrown: new Error('no Go'), error: 'no Go' },
  { thrown: 'just text', error: 'just text' },
])('a failing task reports "$error" and rethrows the same error', async ({ thrown, error }) => {
  const events: ProgressEvent[] = [];

  const task = new Progress((event) => void events.push(event)).task(
    'kube',
    async () => await Promise.reject(thrown),
  );

  await expect(task).rejects.toBe(thrown);
  expect(events).toEqual([
    { kind: 'task.started', task: 'kube' },
    { kind: 'task.failed', task: 'kube', error },
  ]);
});
