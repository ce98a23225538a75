import { expect, test } from 'vitest';
import { Progress, type ProgressEvent } from './progress.ts';

function record(): { readonly events: ProgressEvent[]; readonly progress: Progress } {
  const events: ProgressEvent[] = [];
  const progress = new Progress({
    report(event) {
      events.push('seconds' in event ? { ...event, seconds: 0 } : event);
    },
    close() {},
  });
  return { events, progress };
}

test('a task reports its start, its details and its end with the last detail', async () => {
  const { events, progress } = record();

  progress.plan(['kube']);
  const result = await progress.task('kube', async (say) => {
    say('compiling');
    say('built');
    return 42;
  });
  progress.note('That was it.');

  expect(result).toBe(42);
  expect(events).toEqual([
    { kind: 'tasks.planned', titles: ['kube'] },
    { kind: 'task.started', title: 'kube' },
    { kind: 'task.detail', title: 'kube', detail: 'compiling' },
    { kind: 'task.detail', title: 'kube', detail: 'built' },
    { kind: 'task.done', title: 'kube', seconds: 0, detail: 'built' },
    { kind: 'note', text: 'That was it.' },
  ]);
});

test.each([
  { thrown: new Error('no Go'), message: 'no Go' },
  { thrown: 'just text', message: 'just text' },
])('a failing task reports "$message" and hands the same error on', async ({ thrown, message }) => {
  const { events, progress } = record();

  const task = progress.task('kube', async () => await Promise.reject(thrown));

  await expect(task).rejects.toBe(thrown);
  expect(events).toEqual([
    { kind: 'task.started', title: 'kube' },
    { kind: 'task.failed', title: 'kube', seconds: 0, message },
  ]);
});
