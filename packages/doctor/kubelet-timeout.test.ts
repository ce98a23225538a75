import { expect, test } from 'vitest';
import { readTimeoutSeconds } from './kubelet-timeout.ts';

test.each([
  ['2m0s', 120],
  ['10m0s', 600],
  ['1h30m0s', 5400],
  ['1.5s', 1.5],
  ['500ms', 0.5],
])('%s are %d seconds', (runtimeRequestTimeout, seconds) => {
  expect(readTimeoutSeconds({ kubeletconfig: { runtimeRequestTimeout } })).toBe(seconds);
});

test.each([undefined, {}, { kubeletconfig: { runtimeRequestTimeout: '' } }, timeout('soon'), timeout('2m!')])(
  '%j is refused',
  (answer) => {
    expect(() => readTimeoutSeconds(answer)).toThrow(
      "kubelet's configuration has no valid runtimeRequestTimeout",
    );
  },
);

function timeout(runtimeRequestTimeout: string): unknown {
  return { kubeletconfig: { runtimeRequestTimeout } };
}
