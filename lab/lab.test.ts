import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labPlace, network, nodeAddress, podRange } from './lab.ts';

const config = { stateDirectory: '/state', cacheDirectory: '/cache', defaultName: 'default' };

test.each(['default', 'a', '7', 'a-b', 'a--b', 'x'.repeat(20)])('"%s" can be a name', (name) => {
  expect(labPlace(name, config)).toEqual({
    name,
    directory: `/state/${name}`,
    cache: '/cache',
    group: `kata-lab-${name}`,
  });
});

test.each(['', '-a', 'a-', 'A', 'a_b', 'a/b', '..', 'a.b', 'ä', 'a b', 'a\n', 'x'.repeat(21)])(
  '%j is not a valid name',
  (name) => {
    expect(() => labPlace(name, config)).toThrow(
      expect.objectContaining({ code: 'KATA_LAB_NAME', exitCode: 2 }),
    );
  },
);

test('nodes have addresses and pod ranges of their own', () => {
  const index = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(index, index, (one, two) => {
      expect(nodeAddress(one) === nodeAddress(two)).toBe(one === two);
      expect(podRange(one) === podRange(two)).toBe(one === two);
      expect([network.control, network.gateway]).not.toContain(nodeAddress(one));
    }),
  );
  expect([nodeAddress(1), nodeAddress(50)]).toEqual(['10.77.0.11', '10.77.0.60']);
  expect([podRange(1), podRange(50)]).toEqual(['10.88.1.0/24', '10.88.50.0/24']);
});
