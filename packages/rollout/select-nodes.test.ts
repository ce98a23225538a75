import type { Selection } from '@kata/node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CandidateNode, type NodeQuery, selectNodes } from './select-nodes.ts';

const everywhere: Selection = { nodeName: undefined, nodeSelector: {}, terms: undefined };
const nothing: NodeQuery = { name: '', labelSelector: '', taintKey: '', taintValue: '' };
const plain = { labels: {}, taints: [], isReady: true, beingDeleted: false };

const fleet: readonly CandidateNode[] = [
  { ...plain, name: 'w-2', labels: { pool: 'kata', 'katacontainers.io/kata-upgrade-window': 'true' } },
  { ...plain, name: 'w-10', labels: { pool: 'kata' }, taints: [{ key: 'upgrade', value: 'pending' }] },
  { ...plain, name: 'w-1', labels: { pool: 'gpu' }, taints: [{ key: 'upgrade' }, { key: 'gpu', value: '' }] },
  { ...plain, name: 'w-3', labels: { 'katacontainers.io/kata-upgrade-window': 'false' } },
  { ...plain, name: 'w-4', labels: { 'katacontainers.io/kata-lifecycle-manager-window': 'true' } },
];

test.each<[string, Partial<NodeQuery>, readonly string[]]>([
  ['nothing: the label of the upgrade window, or its newer name', {}, ['w-2', 'w-4']],
  ['blanks are nothing', { labelSelector: ' ', taintKey: '\n', taintValue: ' ' }, ['w-2', 'w-4']],
  ['a label selector', { labelSelector: 'pool=kata' }, ['w-10', 'w-2']],
  ['a taint key, with any value', { taintKey: 'upgrade' }, ['w-1', 'w-10']],
  ['a taint key and value', { taintKey: 'upgrade', taintValue: 'pending' }, ['w-10']],
  ['a value of another taint', { taintKey: 'gpu', taintValue: 'pending' }, []],
  ['labels and taint', { labelSelector: 'pool in (gpu,kata)', taintKey: 'gpu' }, ['w-1']],
  ['a name, whatever its labels', { name: 'w-3' }, ['w-3']],
  ['a name and labels', { name: 'w-1', labelSelector: 'pool=kata' }, []],
  ['what no node has', { labelSelector: 'pool=none' }, []],
])('%s', (_, query, expected) => {
  const choice = selectNodes(fleet, { ...nothing, ...query }, everywhere);

  expect(choice.selected.map(({ name }) => name)).toEqual(expected);
  expect(choice.leftAlone).toEqual([]);
});

test('nodes that no run could upgrade are named, but only those that match', () => {
  const kata = { ...plain, labels: { pool: 'kata' } };
  const nodes = [
    { ...kata, name: 'a', beingDeleted: true, isReady: false },
    { ...kata, name: 'c', labels: { pool: 'kata', os: 'windows' }, isReady: false },
    { ...kata, name: 'b', isReady: false },
    { ...kata, name: 'd' },
    { ...plain, name: 'e', isReady: false },
  ];
  const daemonSet: Selection = {
    ...everywhere,
    terms: [{ matchExpressions: [{ key: 'os', operator: 'NotIn', values: ['windows'] }], matchFields: [] }],
  };

  const { selected, leftAlone } = selectNodes(nodes, { ...nothing, labelSelector: 'pool=kata' }, daemonSet);

  expect(selected.map(({ name }) => name)).toEqual(['d']);
  expect(leftAlone.map(({ node, reason, why }) => [node.name, reason, why])).toEqual([
    ['a', 'being-deleted', 'is being deleted'],
    ['b', 'not-ready', 'is NotReady'],
    ['c', 'not-selected', "is not selected by the installer's DaemonSet"],
  ]);
});

test.each<[string, Partial<NodeQuery>, string]>([
  [
    'a taint value without key',
    { taintValue: 'pending' },
    'the taint value "pending" is given without the key of a taint',
  ],
  [
    'an invalid label selector',
    { labelSelector: 'pool=kata)', taintKey: 'x' },
    'the label selector "pool=kata)" is not valid at character 10: found ")", expected "," or the end',
  ],
])('refused: %s', (_, query, message) => {
  expect(() => selectNodes(fleet, { ...nothing, ...query }, everywhere)).toThrow(
    expect.objectContaining({ code: 'KATA_ROLLOUT_SELECTOR_INVALID', message, exitCode: 2 }),
  );
});

test('the name of no node is refused', () => {
  expect(() => selectNodes(fleet, { ...nothing, name: 'w-' }, everywhere)).toThrow(
    expect.objectContaining({ code: 'KATA_ROLLOUT_NO_NODE', message: 'the cluster has no node "w-"' }),
  );
});

test('each node that matches is either selected or left alone, in the order of the names', () => {
  const node: fc.Arbitrary<CandidateNode> = fc.record({
    name: fc.stringMatching(/^[a-z]{1,4}$/),
    labels: fc.constantFrom<CandidateNode['labels']>({}, { pool: 'kata' }, { pool: 'gpu' }),
    taints: fc.constantFrom<CandidateNode['taints']>([], [{ key: 'upgrade' }]),
    isReady: fc.boolean(),
    beingDeleted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.uniqueArray(node, { selector: ({ name }) => name }), fc.boolean(), (nodes, withTaint) => {
      const query = {
        name: '',
        labelSelector: 'pool=kata',
        taintKey: withTaint ? 'upgrade' : '',
        taintValue: '',
      };
      const { selected, leftAlone } = selectNodes(nodes, query, everywhere);

      const expected = nodes
        .filter(({ labels, taints }) => labels['pool'] === 'kata' && (!withTaint || taints.length > 0))
        .map(({ name }) => name)
        .toSorted();
      const left = leftAlone.map(({ node: { name } }) => name);
      const chosen = selected.map(({ name }) => name);
      expect([...left, ...chosen].toSorted()).toEqual(expected);
      expect(left).toEqual(left.toSorted());
      expect(chosen).toEqual(chosen.toSorted());
      expect(selected.every(({ isReady, beingDeleted }) => isReady && !beingDeleted)).toBe(true);
    }),
  );
});
