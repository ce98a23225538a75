import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PodEvent, SeenContainer, SeenContainerState, SeenPod } from './seen-pod.ts';
import { container, podWith, running, terminated, waiting } from './testkit/seen-pods.ts';
import { judgePod, type Verdict } from './verdict.ts';

const terms = { node: 'w-1', since: new Date(0), timeoutMs: 180_000, pullTimeoutMs: 900_000 };

const state: fc.Arbitrary<SeenContainerState> = fc.oneof(
  fc.record({
    kind: fc.constant('waiting' as const),
    reason: fc.constantFrom('', 'ContainerCreating', 'ErrImagePull', 'CreateContainerError', 'Surprise'),
    message: fc.string(),
  }),
  fc.constant(running),
  fc.record({
    kind: fc.constant('terminated' as const),
    exitCode: fc.constantFrom(0, 1, 128, 137, 255),
    signal: fc.constantFrom(undefined, 0, 9),
    reason: fc.constantFrom('', 'Completed', 'Error', 'OOMKilled'),
    message: fc.string(),
  }),
);

const containers: fc.Arbitrary<readonly SeenContainer[]> = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b'),
    isInit: fc.boolean(),
    restarts: fc.constantFrom(0, 0, 0, 1),
    state,
  }),
  { maxLength: 3 },
);

const pods: fc.Arbitrary<SeenPod | undefined> = fc.option(
  fc.record({
    nodeName: fc.constantFrom('w-1', 'w-1', 'w-2', undefined),
    beingDeleted: fc.constantFrom(false, false, false, true),
    phase: fc.constantFrom('', 'Pending', 'Running', 'Succeeded', 'Failed', 'Unknown', 'Surprise'),
    reason: fc.constantFrom('', 'Evicted', 'OutOfcpu', 'NodeLost'),
    message: fc.string(),
    conditions: fc.array(
      fc.record({
        type: fc.constantFrom('PodScheduled', 'DisruptionTarget'),
        status: fc.constantFrom('True', 'False'),
        reason: fc.constantFrom('', 'Unschedulable'),
        message: fc.string(),
      }),
      { maxLength: 2 },
    ),
    containers,
  }),
  { nil: undefined, freq: 20 },
);

const events: fc.Arbitrary<readonly PodEvent[]> = fc.array(
  fc.record({
    reason: fc.constantFrom('Pulling', 'Pulled', 'Started', 'FailedCreatePodSandBox', 'FailedMount'),
    message: fc.oneof(
      fc.constantFrom(
        'Pulling image "a"',
        'Failed to pull image "a": x',
        'Successfully pulled image "a" in 1m1.5s (2m1.5s including waiting). Image size: 1 bytes.',
      ),
      fc.string(),
    ),
    time: fc.integer({ min: -1000, max: 2000 }).map((second) => new Date(second * 1000)),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 5 },
);

const second = fc.integer({ min: 0, max: 5000 });

function judge(pod: SeenPod | undefined, seen: readonly PodEvent[], at: number): Verdict {
  return judgePod(pod, seen, { ...terms, now: new Date(at * 1000) });
}

test('a verdict never changes when only time goes on, and a pending one says when it ends', () => {
  fc.assert(
    fc.property(pods, events, second, second, (pod, seen, one, other) => {
      const [early, late] = [Math.min(one, other), Math.max(one, other)];
      const [before, after] = [judge(pod, seen, early), judge(pod, seen, late)];

      if (before.kind !== 'pending') {
        expect(after).toEqual(before);
        return;
      }
      expect(before.until.getTime()).toBeGreaterThan(early * 1000);
      expect(before.until.getTime()).toBeGreaterThanOrEqual(terms.timeoutMs);
      expect(after.kind).toBe(late * 1000 < before.until.getTime() ? 'pending' : 'failed');
      if (after.kind === 'pending') expect(after).toEqual(before);
    }),
    { numRuns: 2000 },
  );
});

test('only a pod that succeeded on its node, before anything deleted it, passes', () => {
  fc.assert(
    fc.property(pods, events, second, (pod, seen, at) => {
      const hasSucceeded = pod?.phase === 'Succeeded' && !pod.beingDeleted && pod.nodeName !== 'w-2';
      const verdict = judge(pod, seen, at);

      expect(verdict.kind === 'passed' && !hasSucceeded).toBe(false);
      expect(hasSucceeded && verdict.kind === 'pending').toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('a message is one line, and a word is one of the documented ones', () => {
  const words = /^(no-room|image|not-started|crashed|timed-out|exit-\d+)$/;
  fc.assert(
    fc.property(pods, events, second, (pod, seen, at) => {
      const verdict = judge(pod, seen, at);

      expect(verdict.message).toMatch(/^the verification pod for node "w-1" [^\n\r]+$/);
      expect(verdict.kind === 'failed' ? verdict.word : 'timed-out').toMatch(words);
    }),
  );
});

/** What kubelet reports of a container with `restartPolicy: OnFailure`, whose runs end with these codes and then with 0. */
function historyOf(exitCodes: readonly number[]): readonly SeenPod[] {
  const history = [podWith(container(waiting('ContainerCreating')))];
  for (const [restarts, exitCode] of [...exitCodes, 0].entries()) {
    const isLast = restarts === exitCodes.length;
    history.push(podWith(container(running, { restarts })));
    history.push({
      ...podWith(container(terminated(exitCode), { restarts })),
      phase: isLast ? 'Succeeded' : 'Running',
    });
    if (isLast) break;
    const backOff = container(waiting('CrashLoopBackOff', 'back-off'), { restarts });
    if (restarts > 0) history.push({ ...podWith(backOff), phase: 'Running' });
  }
  return history;
}

test('whoever looks at a pod later, after the death of another process, does not pass what failed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 3 }), (exitCodes) => {
      const kinds = historyOf(exitCodes).map((pod) => judge(pod, [], 1).kind);

      const expected = exitCodes.length === 0 ? ['pending', 'pending', 'passed'] : ['pending', 'pending'];
      expect(kinds.slice(0, expected.length)).toEqual(expected);
      expect(new Set(kinds.slice(expected.length))).toEqual(
        new Set(exitCodes.length === 0 ? [] : ['failed']),
      );
    }),
  );
});
