import { expect, test } from 'vitest';
import type { PodEvent, SeenPod } from './seen-pod.ts';
import { container, event, init, podWith, running, terminated, waiting } from './testkit/seen-pods.ts';
import { judgePod, type Verdict } from './verdict.ts';

const terms = { node: 'w-1', since: new Date(0), timeoutMs: 180_000, pullTimeoutMs: 900_000 };

function judge(pod: SeenPod | undefined, second: number, ...events: readonly PodEvent[]): Verdict {
  return judgePod(pod, events, { ...terms, now: new Date(second * 1000) });
}

const pod = 'the verification pod for node "w-1"';
const failed = (word: string, predicate: string, mayRetry = false): object => ({
  kind: 'failed',
  word,
  message: `${pod} ${predicate}`,
  mayRetry,
});
const pending = (second: number, text: string): object => ({
  kind: 'pending',
  until: new Date(second * 1000),
  message: `${pod} has not ended yet: ${text}`,
});

test('a pod that succeeded passes, also when that is seen late', () => {
  const passed = { kind: 'passed', message: `${pod} succeeded` };

  expect(judge(podWith(container(terminated(0, 'Completed'))), 5)).toEqual(passed);
  expect(judge(podWith(container(terminated(0)), container(terminated(0))), 9999)).toEqual(passed);
  expect(judge(podWith(init(terminated(0)), container(terminated(0))), 5)).toEqual(passed);
});

test('a failure is final', () => {
  const predicate = 'failed: container "verify" ended with exit code 3';

  expect(judge(podWith(container(terminated(3))), 1)).toEqual(failed('exit-3', predicate));
  expect(judge(podWith(container(terminated(3))), 9999)).toEqual(failed('exit-3', predicate));
  expect(judge(undefined, 1)).toEqual(failed('not-started', 'was deleted before its end was seen', true));
});

test('what may still succeed is pending until time is up; then its cause is the word', () => {
  const text = 'container "verify" cannot be started: CreateContainerError: no space';
  const stuck = podWith(container(waiting('CreateContainerError', 'no space')));

  expect(judge(stuck, 0)).toEqual(pending(180, text));
  expect(judge(stuck, 179.999)).toEqual(pending(180, text));
  expect(judge(stuck, 180)).toEqual(failed('not-started', `has not succeeded within 180 s: ${text}`));
});

const creating = podWith(container(waiting('ContainerCreating')));

test('the time of image pulls does not count', () => {
  const pulling = event(1, 'Pulling', 'Pulling image "a"');
  const pulled = event(
    61,
    'Pulled',
    'Successfully pulled image "a" in 59.9s (1m0s including waiting). Image size: 9 bytes.',
  );

  expect(judge(creating, 500, pulling)).toEqual(pending(1080, 'image "a" is still being pulled'));
  expect(judge(creating, 1080, pulling)).toEqual(
    failed(
      'image',
      'has not succeeded within 1080 s, of which 900 s for image pulls: image "a" is still being pulled',
    ),
  );
  expect(judge(podWith(container(running)), 200, pulling, pulled)).toEqual(
    pending(240, 'container "verify" is still running'),
  );
  expect(judge(podWith(container(running)), 240, pulling, pulled)).toEqual(
    failed(
      'timed-out',
      'has not succeeded within 240 s, of which 60 s for image pulls: container "verify" is still running',
    ),
  );
});

test('a pull whose end was not reported holds nothing up once no container awaits an image', () => {
  const pulling = event(1, 'Pulling', 'Pulling image "a"');
  const stuck = podWith(container(waiting('CreateContainerError', 'x')));

  expect(judge(podWith(container(running)), 180, pulling)).toMatchObject({ word: 'timed-out' });
  expect(judge(stuck, 180, pulling)).toMatchObject({ word: 'not-started' });
});

test('clocks of nodes do not matter', () => {
  const ahead = event(99_999, 'Pulling', 'Pulling image "a"');
  const behind = event(-99_999, 'Pulling', 'Pulling image "a"');

  expect(judge(creating, 500, ahead)).toEqual(judge(creating, 500, behind));
});
