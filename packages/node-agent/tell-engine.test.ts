import { MemoryHost } from '@kata/host/memory';
import { someSettings } from '@kata/installer/testkit';
import { expect, test } from 'vitest';
import { tellEngine } from './tell-engine.ts';

const active = { active: 'active', startedAtMs: 1 };
const readNode = async (): Promise<{ nodeInfo: Record<string, unknown> }> => ({
  nodeInfo: { containerRuntimeVersion: 'cri-o://1.36.1' },
});
const never = async (): Promise<never> => {
  throw new Error('the node object is read');
};

test('where two engines run, the node object tells which one kubelet uses', async () => {
  const host = new MemoryHost({ units: { 'containerd.service': active, 'crio.service': active } });

  expect(await tellEngine(host, someSettings(['remote']), readNode)).toMatchObject({
    containerRuntimeVersion: 'cri-o://1.36.1',
  });
});

test.each([
  ['one engine runs', ['crio.service'], undefined],
  ['none runs', [], undefined],
  ['the settings tell', ['containerd.service', 'crio.service'], 'containerd://2.2.1'],
])('the node object is not read where %s', async (_, units, containerRuntimeVersion) => {
  const host = new MemoryHost({ units: Object.fromEntries(units.map((unit) => [unit, active])) });
  const settings = { ...someSettings(['remote']), containerRuntimeVersion };

  expect(await tellEngine(host, settings, never)).toBe(settings);
});
