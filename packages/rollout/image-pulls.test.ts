import { expect, test } from 'vitest';
import { type ImagePulls, imagePullsOf } from './image-pulls.ts';
import type { PodEvent } from './seen-pod.ts';

const event = (second: number, reason: string, message: string, count = 1): PodEvent => ({
  reason,
  message,
  time: new Date(second * 1000),
  count,
});
const pulling = (second: number, image = 'a', count = 1): PodEvent =>
  event(second, 'Pulling', `Pulling image "${image}"`, count);
const pulled = (second: number, duration: string, image = 'a'): PodEvent =>
  event(second, 'Pulled', `Successfully pulled image "${image}" in ${duration}`);
const failed = (second: number, image = 'a', count = 1): PodEvent =>
  event(second, 'Failed', `Failed to pull image "${image}": rpc error: code = NotFound`, count);

// The messages are those of kubelet 1.36; kubelet 1.26 wrote only the first duration.
test.each<[string, readonly PodEvent[], ImagePulls]>([
  ['no Events', [], { finishedMs: 0, ongoing: undefined }],
  ['a pull', [pulling(1)], { finishedMs: 0, ongoing: 'a' }],
  [
    'a pull that ended, in any order, in the same second',
    [pulled(1, '1.2s (3.4s including waiting). Image size: 12 bytes.'), pulling(1)],
    { finishedMs: 3400, ongoing: undefined },
  ],
  [
    'durations as Go writes them, of several images',
    [
      pulled(9, '812ms (812ms including waiting). Image size: 1 bytes.', 'a'),
      pulled(9, '1m2.5s (1h1m2.5s including waiting). Image size: 1 bytes.', 'b'),
      pulled(9, '2.000000001s', 'c'),
    ],
    { finishedMs: 812 + 3_662_500 + 2000.000001, ongoing: undefined },
  ],
  [
    'an image that was there already',
    [event(1, 'Pulled', 'Container image "a" already present on machine and can be accessed by the pod')],
    { finishedMs: 0, ongoing: undefined },
  ],
  ['a pull that failed', [pulling(1), failed(5)], { finishedMs: 0, ongoing: undefined }],
  ['a pull after one that failed', [pulling(15, 'a', 2), failed(5)], { finishedMs: 0, ongoing: 'a' }],
  [
    'pulls of one image for two containers in one second',
    [pulling(1), pulled(1, '1s (1s including waiting)'), pulling(1)],
    { finishedMs: 1000, ongoing: 'a' },
  ],
  [
    'a pull that a restart of kubelet repeated',
    [pulling(5, 'a', 2), pulled(9, '4s (4s including waiting)')],
    { finishedMs: 4000, ongoing: undefined },
  ],
  [
    'an Event that occurred twice',
    [{ ...pulled(9, '2s (3s including waiting)'), count: 2 }],
    { finishedMs: 6000, ongoing: undefined },
  ],
  [
    'another image after the first',
    [pulling(1), pulled(2, '1s'), pulling(2, 'b')],
    { finishedMs: 1000, ongoing: 'b' },
  ],
  [
    'Events that the API server combined',
    [
      event(1, 'Pulling', '(combined from similar events): Pulling image "a"', 12),
      event(9, 'Failed', '(combined from similar events): Failed to pull image "a": timeout', 12),
    ],
    { finishedMs: 0, ongoing: undefined },
  ],
])('%s', (_, events, expected) => {
  expect(imagePullsOf(events)).toEqual(expected);
});
