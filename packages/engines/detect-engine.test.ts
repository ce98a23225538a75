import { MemoryHost } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { activeEngineUnits, detectEngine } from './detect-engine.ts';
import { engineOf } from './engine-of.ts';

const snap = 'snap.microk8s.daemon-containerd.service';

test.each([
  ['containerd://2.2.1', undefined, [], 'containerd'],
  ['containerd://2.2.1', 'k8s', [], 'containerd'],
  ['containerd://2.2.1', 'openshift', [], 'containerd'],
  ['docker://28.1.0', undefined, [], 'docker'],
  [undefined, undefined, [], 'containerd'],
  [undefined, undefined, ['containerd.service'], 'containerd'],
  [undefined, undefined, ['crio.service'], 'crio'],
  [undefined, undefined, ['containerd.service', 'k3s.service'], 'k3s'],
  ['cri-o://1.36.1', undefined, ['containerd.service', 'crio.service'], 'crio'],
  ['containerd://2.2.1', undefined, ['containerd.service', 'crio.service'], 'containerd'],
  ['cri-o://1.34.0', undefined, [], 'crio'],
  ['CRI-O://1.34.0', 'k0s', ['k0sworker.service'], 'crio'],
  ['containerd://2.1.4-k3s1', undefined, ['k3s-agent.service'], 'k3s'],
  ['containerd://2.1.4-k3s1', 'k3s', ['k3s.service'], 'k3s'],
  ['containerd://2.1.4-k3s1', 'rke2', ['k3s.service', 'rke2-server.service'], 'rke2'],
  ['containerd://1.7.27', 'k0s', ['k0scontroller.service', 'k0sworker.service'], 'k0s'],
  ['containerd://1.7.27', 'microk8s', [], 'microk8s'],
  ['containerd://1.7.27', undefined, [snap, 'k3s.service'], 'microk8s'],
])(
  '%s, configured as %s, with %j active, is %s',
  (containerRuntimeVersion, distribution, activeUnits, kind) => {
    expect(detectEngine({ containerRuntimeVersion, distribution, activeUnits })).toBe(kind);
  },
);

test.each([
  [
    'containerd://2.2.1',
    'k3s',
    [],
    'the node is configured as k3s, but its container runtime is that of k8s',
  ],
  [
    'containerd://2.2.1',
    'k8s',
    ['k3s.service'],
    'the node is configured as k8s, but its container runtime is that of k3s',
  ],
  [
    'containerd://2.2.1',
    'rke2',
    ['k0sworker.service'],
    'the node is configured as rke2, but its container runtime is that of k0s',
  ],
  ['rkt://1.0', undefined, [], 'unknown container runtime "rkt://1.0"'],
  ['', undefined, [], 'unknown container runtime ""'],
  [
    undefined,
    undefined,
    ['containerd.service', 'crio.service'],
    'containerd.service and crio.service are active; which of them kubelet uses is unknown',
  ],
])(
  '%s, configured as %s, with %j active, is refused',
  (containerRuntimeVersion, distribution, activeUnits, message) => {
    expect(() => detectEngine({ containerRuntimeVersion, distribution, activeUnits })).toThrow(message);
  },
);

test('inactive units do not count', async () => {
  const host = new MemoryHost({
    units: {
      'k3s.service': { active: 'inactive', startedAtMs: undefined },
      'k0sworker.service': { active: 'active', startedAtMs: 1 },
      'containerd.service': { active: 'active', startedAtMs: 1 },
    },
  });

  expect(await activeEngineUnits(host)).toEqual(['k0sworker.service', 'containerd.service']);
});

test('an unsupported engine is named', () => {
  expect(engineOf('containerd').title).toBe('containerd');
  expect(engineOf('crio').title).toBe('CRI-O');
  expect(() => engineOf('docker')).toThrow(
    expect.objectContaining({
      code: 'KATA_ENGINE_UNSUPPORTED',
      message: 'docker is not yet supported by this version',
    }) as Error,
  );
});
