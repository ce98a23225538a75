import { expect, test } from 'vitest';
import type { PodToleration } from './pod-template.ts';
import { tolerateTaints } from './tolerate-taints.ts';
import type { SeenTaint } from './tolerations.ts';

const cordon = { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' };
const taint: SeenTaint = { key: 'gpu', value: 'a100', effect: 'NoSchedule' };
const ofTaint = { key: 'gpu', operator: 'Equal', value: 'a100', effect: 'NoSchedule' };

test.each<[string, readonly PodToleration[], readonly SeenTaint[], readonly PodToleration[]]>([
  ['a node without taints', [], [], [cordon]],
  ['everything is tolerated already', [{ operator: 'Exists' }], [taint], []],
  ['every effect of the key is tolerated', [{ key: 'gpu', operator: 'Exists' }], [taint], [cordon]],
  ['the value is tolerated, by default Equal', [{ key: 'gpu', value: 'a100' }], [taint], [cordon]],
  ['another value is tolerated', [{ key: 'gpu', value: 'h100' }], [taint], [cordon, ofTaint]],
  [
    'another effect is tolerated',
    [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }],
    [taint],
    [cordon, ofTaint],
  ],
  ['another key is tolerated', [{ key: 'cpu', operator: 'Exists' }], [taint], [cordon, ofTaint]],
  [
    'a comparison, whose support depends on the cluster',
    [{ key: 'gpu', operator: 'Gt', value: '1' }],
    [{ key: 'gpu', value: '2', effect: 'NoSchedule' }],
    [cordon, { key: 'gpu', operator: 'Equal', value: '2', effect: 'NoSchedule' }],
  ],
  ['the cordon is tolerated already', [cordon], [{ key: cordon.key, effect: 'NoSchedule' }], []],
  ['the cordon as a taint', [], [{ key: cordon.key, effect: 'NoSchedule' }], [cordon]],
  [
    'taints without value, of every effect',
    [],
    [
      { key: 'a', effect: 'NoSchedule' },
      { key: 'a', value: '', effect: 'NoExecute' },
      { key: 'a', effect: 'PreferNoSchedule' },
    ],
    [
      cordon,
      { key: 'a', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'a', operator: 'Exists', effect: 'NoExecute' },
    ],
  ],
  [
    'conditions of the node are waited for',
    [],
    [
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
      { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' },
      { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
    ],
    [cordon, { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
  ],
])('%s', (_, own, taints, added) => {
  expect(tolerateTaints(own, taints)).toEqual([...own, ...added]);
});
