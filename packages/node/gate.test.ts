import { expect, test } from 'vitest';
import { decideAtGate, type GateDecision, type GateView } from './gate.ts';

const [offered, old, older, oldest] = [
  '3.25.0-aaaaaaaa',
  '3.24.0-bbbbbbbb',
  '3.23.0-dddddddd',
  '3.23.0-cccccccc',
];

const view: GateView = {
  isManaged: true,
  approved: undefined,
  accepted: [],
  payload: { version: '3.25.0', release: offered },
  releases: [old, oldest, older],
  current: old,
  previous: older,
  linked: old,
  isInterrupted: false,
  hold: undefined,
};

const bare = { releases: [], current: undefined, previous: undefined, linked: undefined };

const notApproved = (finish?: string): GateDecision => ({
  kind: 'hold',
  reason: 'NotApproved',
  because: 'no release is approved for this node',
  finish,
});

const missing = (approved: string, finish?: string): GateDecision => ({
  kind: 'hold',
  reason: 'ApprovedReleaseMissing',
  because: `the approved release ${approved} is neither this payload (${offered}) nor in the store of the node`,
  finish,
});

const held: GateDecision = {
  kind: 'hold',
  reason: 'HeldByAdministrator',
  because: `an administrator holds this node on ${older}; to install the payload: kata-deploy resume`,
  finish: older,
};

const install: GateDecision = { kind: 'install' };
const to = (release: string): GateDecision => ({ kind: 'switch', release });

test.each<[string, Partial<GateView>, GateDecision]>([
  ['no management', { isManaged: false }, install],
  ['no management, whatever is approved', { isManaged: false, approved: '1' }, install],
  ['nothing approved', {}, notApproved()],
  ['the release of the payload', { approved: offered }, install],
  ['the version of the payload', { approved: '3.25.0' }, install],
  ['the same version with other content', { approved: '3.25.0-eeeeeeee' }, missing('3.25.0-eeeeeeee')],
  ['the current release', { approved: old }, to(old)],
  ['a version in the store', { approved: '3.24.0' }, to(old)],
  ['a version twice: the previous release', { approved: '3.23.0' }, to(older)],
  [
    'a version twice, neither current nor previous',
    { approved: '3.23.0', previous: undefined },
    missing('3.23.0'),
  ],
  ['a release that is nowhere', { approved: '3.26.0' }, missing('3.26.0')],
])('%s', (_, change, expected) => {
  expect(decideAtGate({ ...view, ...change })).toEqual(expected);
});

test.each<[string, Partial<GateView>, GateDecision]>([
  [
    'a version is satisfied by the current release, although the payload has other settings',
    { approved: '3.25.0', releases: ['3.25.0-ffffffff'], current: '3.25.0-ffffffff' },
    to('3.25.0-ffffffff'),
  ],
  [
    'a version is satisfied by the payload before other releases of the store',
    { approved: '3.25.0', releases: [old, '3.25.0-ffffffff'] },
    install,
  ],
  ['a new node installs an accepted payload', { ...bare, accepted: [old, offered] }, install],
  [
    'and keeps it',
    { ...bare, releases: [offered], current: offered, linked: offered, accepted: [offered] },
    install,
  ],
  [
    'also when its first installation was interrupted',
    { ...bare, releases: [offered], isInterrupted: true, accepted: [offered] },
    install,
  ],
  ['a new node installs nothing that is not accepted', { ...bare, accepted: [old] }, notApproved()],
  ['a node that has Kata needs its own approval', { accepted: [offered] }, notApproved()],
  ['an approval overrides the list', { ...bare, accepted: [offered], approved: '1' }, missing('1')],
])('issue 12.13: %s', (_, change, expected) => {
  expect(decideAtGate({ ...view, ...change })).toEqual(expected);
});

test.each<[string, Partial<GateView>, GateDecision]>([
  ['not approved, interrupted: the linked release', { isInterrupted: true }, notApproved(old)],
  [
    'not approved, the record is ahead of the link',
    { releases: [old, offered], current: offered },
    notApproved(old),
  ],
  ['the approved release is nowhere, interrupted', { approved: '1', isInterrupted: true }, missing('1', old)],
  [
    'the first installation was interrupted before the links',
    { ...bare, isInterrupted: true },
    notApproved(),
  ],
  ['the link is dangling', { linked: '3.1.0-00000000', isInterrupted: true }, notApproved()],
])('issue 12.13: an interrupted run is finished: %s', (_, change, expected) => {
  expect(decideAtGate({ ...view, ...change })).toEqual(expected);
});

test('issue 12.15: without management an administrator can hold the node on a release', () => {
  expect(decideAtGate({ ...view, isManaged: false, hold: older })).toEqual(held);
  expect(decideAtGate({ ...view, approved: offered, hold: older })).toEqual(install);
});
