import { expect, test } from 'vitest';
import { decideAtTermination, type TerminationDecision, type TerminationView } from './decide.ts';

const view: TerminationView = {
  daemonSet: undefined,
  nodeLabels: { 'kata-deploy.katacontainers.io/default': 'true', zone: 'a' },
  ownMark: 'kata-deploy.katacontainers.io/default',
  markPrefix: 'kata-deploy.katacontainers.io/',
};
const stay: TerminationDecision = {
  kind: 'stay',
  reason: 'its DaemonSet still exists and selects this node',
};

test.each<[string, Partial<TerminationView>, TerminationDecision]>([
  ['own DaemonSet exists', { daemonSet: { beingDeleted: false, nodeSelector: {} } }, stay],
  ['it selects this node', { daemonSet: { beingDeleted: false, nodeSelector: { zone: 'a' } } }, stay],
  [
    'it no longer selects this node',
    { daemonSet: { beingDeleted: false, nodeSelector: { zone: 'b' } } },
    { kind: 'remove-all' },
  ],
  ['it is being deleted', { daemonSet: { beingDeleted: true, nodeSelector: {} } }, { kind: 'remove-all' }],
  ['it is gone', {}, { kind: 'remove-all' }],
  [
    'another installation serves',
    { nodeLabels: { ...view.nodeLabels, 'kata-deploy.katacontainers.io/blue': 'true' } },
    { kind: 'remove-instance', others: ['blue'] },
  ],
  [
    'another installation is only beginning',
    { nodeLabels: { ...view.nodeLabels, 'kata-deploy.katacontainers.io/blue': 'false' } },
    { kind: 'remove-all' },
  ],
])('%s', (_, change, expected) => {
  expect(decideAtTermination({ ...view, ...change })).toEqual(expected);
});
