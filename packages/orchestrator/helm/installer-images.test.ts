import { expect, test } from 'vitest';
import { installerImages } from './installer-images.ts';

const manifest = `---
# Source: kata-deploy/templates/rbac.yaml
kind: ServiceAccount
---
# Source: kata-deploy/templates/daemonset.yaml
kind: DaemonSet
spec:
  template:
    spec:
      initContainers:
        - { name: waiter, image: registry/kata-deploy:3.24.0 }
        - { name: install, image: registry/kata-deploy:3.24.0 }
      containers:
        - { name: wait, image: registry/pause:1 }
---
kind: DaemonSet
spec: { template: { spec: { containers: [{ image: registry/monitor:2 }] } } }
---
kind: Job
spec: { template: { spec: { containers: [{ image: registry/other:1 }] } } }
`;

test('the images are those of all DaemonSets, each once', () => {
  expect(installerImages(manifest)).toEqual([
    'registry/kata-deploy:3.24.0',
    'registry/monitor:2',
    'registry/pause:1',
  ]);
});

test('a manifest without DaemonSet has none', () => {
  expect(installerImages('')).toEqual([]);
  expect(installerImages('---\nkind: ConfigMap\n')).toEqual([]);
});
