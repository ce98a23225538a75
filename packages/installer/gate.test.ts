import { expect, test } from 'vitest';
import { decideAtGate, type GateDecision, type GateView } from './gate.ts';

const view: GateView = {
  isManaged: true,
  approved: undefined,
  payload: { version: '3.25.0', release: '3.25.0-aaaaaaaa' },
  releases: ['3.24.0-bbbbbbbb', '3.23.0-cccccccc', '3.23.0-dddddddd'],
  current: '3.24.0-bbbbbbbb',
  previous: '3.23.0-dddddddd',
};

const notApproved: GateDecision = {
  kind: 'hold',
  reason: 'NotApproved',
  because: 'no release is approved for this node',
};

const missing = (approved: string): GateDecision => ({
  kind: 'hold',
  reason: 'ApprovedReleaseMissing',
  because: `approved is ${approved}, which is neither this payload (3.25.0-aaaaaaaa) nor in the node's store`,
});

test.each<[string, Partial<GateView>, GateDecision]>([
  ['no management', { isManaged: false }, { kind: 'install' }],
  ['no management, whatever is approved', { isManaged: false, approved: '1' }, { kind: 'install' }],
  ['nothing approved', {}, notApproved],
  ['an empty annotation', { approved: ' ' }, notApproved],
  ['the release of the payload', { approved: '3.25.0-aaaaaaaa' }, { kind: 'install' }],
  ['the version of the payload', { approved: '3.25.0' }, { kind: 'install' }],
  ['the same version with other content', { approved: '3.25.0-eeeeeeee' }, missing('3.25.0-eeeeeeee')],
  ['the current release', { approved: '3.24.0-bbbbbbbb' }, { kind: 'switch', release: '3.24.0-bbbbbbbb' }],
  ['a version in the store', { approved: '3.24.0' }, { kind: 'switch', release: '3.24.0-bbbbbbbb' }],
  ['a version twice: the one before', { approved: '3.23.0' }, { kind: 'switch', release: '3.23.0-dddddddd' }],
  ['a version twice, neither used', { approved: '3.23.0', previous: undefined }, missing('3.23.0')],
  ['what is nowhere', { approved: '3.26.0' }, missing('3.26.0')],
])('%s', (_, change, expected) => {
  expect(decideAtGate({ ...view, ...change })).toEqual(expected);
});
