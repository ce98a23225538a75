import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideAtTermination,
  decideSharedLabel,
  isLegacyInstaller,
  type SeenDaemonSet,
  type SharedLabel,
  type TerminationDecision,
} from './decide.ts';
import type { Selection } from './node-selection.ts';

const everywhere: Selection = { nodeName: undefined, nodeSelector: {}, terms: undefined };
const node = { name: 'n1', labels: { zone: 'a' } };

test.each<[string, Parameters<typeof decideAtTermination>[0]['daemonSet'], TerminationDecision]>([
  [
    'exists',
    { beingDeleted: false, selection: everywhere },
    { kind: 'stay', reason: 'its DaemonSet still exists and selects this node' },
  ],
  [
    'selects this node',
    { beingDeleted: false, selection: { ...everywhere, nodeSelector: { zone: 'a' } } },
    { kind: 'stay', reason: 'its DaemonSet still exists and selects this node' },
  ],
  [
    'no longer selects this node',
    { beingDeleted: false, selection: { ...everywhere, nodeSelector: { zone: 'b' } } },
    { kind: 'remove', reason: 'its DaemonSet no longer selects this node' },
  ],
  [
    'is being deleted',
    { beingDeleted: true, selection: everywhere },
    { kind: 'remove', reason: 'its DaemonSet is being deleted' },
  ],
  ['was deleted', undefined, { kind: 'remove', reason: 'its DaemonSet was deleted' }],
])('own DaemonSet %s', (_, daemonSet, expected) => {
  expect(decideAtTermination({ daemonSet, node })).toEqual(expected);
});

const prefix = 'kata-deploy.katacontainers.io/';
const ownLabel = `${prefix}default`;

test.each<[string, Readonly<Record<string, string>>, boolean, SharedLabel]>([
  ['alone', {}, false, 'remove'],
  ['next to an installation that serves', { [`${prefix}blue`]: 'true' }, false, 'keep'],
  ['next to an unfinished one', { [`${prefix}blue`]: 'false' }, false, 'demote'],
  ['next to one of each', { [`${prefix}blue`]: 'false', [`${prefix}red`]: 'true' }, false, 'keep'],
  ['next to an installer without instance label', {}, true, 'keep'],
  [
    'next to one without instance label and an unfinished one',
    { [`${prefix}blue`]: 'false' },
    true,
    'demote',
  ],
])('the shared label, %s', (_, others, hasLegacy, expected) => {
  const nodeLabels = { [ownLabel]: 'true', zone: 'a', ...others };
  expect(decideSharedLabel({ nodeLabels, ownLabel, hasLegacy })).toBe(expected);
});

test('our own instance label and unrelated labels never count', () => {
  const marks = fc.dictionary(
    fc.constantFrom(`${prefix}blue`, `${prefix}red`),
    fc.constantFrom('true', 'false'),
  );
  const labels = fc.dictionary(fc.constantFrom('zone', 'a/b', ownLabel), fc.string());
  fc.assert(
    fc.property(marks, labels, fc.boolean(), (others, unrelated, hasLegacy) => {
      const bare = decideSharedLabel({ nodeLabels: others, ownLabel, hasLegacy });
      expect(decideSharedLabel({ nodeLabels: { ...unrelated, ...others }, ownLabel, hasLegacy })).toBe(bare);
      expect(bare === 'keep' && !hasLegacy).toBe(Object.values(others).includes('true') && !hasLegacy);
    }),
  );
});

const foreign: SeenDaemonSet = {
  namespace: 'kube-system',
  name: 'my-kata-deploy-2',
  beingDeleted: false,
  annotations: {},
  selection: everywhere,
};

test.each<[string, Partial<SeenDaemonSet>, boolean]>([
  ['selects this node', {}, true],
  ['is our own', { namespace: 'kata', name: 'kata-deploy' }, false],
  ['has our name in another namespace', { name: 'kata-deploy' }, true],
  ['is being deleted', { beingDeleted: true }, false],
  ['selects other nodes', { selection: { ...everywhere, nodeSelector: { zone: 'b' } } }, false],
  ['is not an installer', { name: 'kube-proxy' }, false],
  ['sets instance labels', { annotations: { [`${prefix}writes-marks`]: 'true' } }, false],
])('a DaemonSet that %s', (_, change, expected) => {
  const own = { namespace: 'kata', name: 'kata-deploy' };
  expect(isLegacyInstaller({ ...foreign, ...change }, own, node)).toBe(expected);
});
