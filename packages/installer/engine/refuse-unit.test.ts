import type { UnitState } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { refuseUnit } from './refuse-unit.ts';

const unit = 'containerd.service';
const active: UnitState = { active: 'active', startedAtMs: 1, mainPid: 7, loadState: 'loaded' };

describe('issue 12.6: an engine that answers, but does not run as its unit', () => {
  test.each<{ readonly title: string; readonly state: UnitState | undefined; readonly why: string }>([
    { title: 'is missing', state: undefined, why: 'does not exist' },
    {
      title: 'is stopped',
      state: { ...active, active: 'inactive', mainPid: undefined },
      why: 'is inactive: another unit runs it',
    },
    {
      title: 'is masked',
      state: { ...active, loadState: 'masked' },
      why: 'is masked, so systemd would not start it again',
    },
    {
      title: 'has no process',
      state: { ...active, mainPid: undefined },
      why: 'has no process: another unit runs it',
    },
  ])('is refused when its unit $title, and similar units are named', async ({ state, why }) => {
    const { units } = new MemoryHost({ files: {} });
    if (state !== undefined) units.set(unit, state);
    units.set('my-containerd.service', active);
    units.set('crio.service', { ...active, active: 'failed' });

    await expect(refuseUnit(units, 'containerd', unit)).rejects.toMatchObject({
      code: 'KATA_ENGINE_UNIT',
      exitCode: 3,
      message: `containerd answers on its socket, but ${unit} ${why}; active here: my-containerd.service`,
    });
  });

  test('is accepted when its unit is active', async () => {
    const { units } = new MemoryHost({ files: {} });
    units.set(unit, active);

    await expect(refuseUnit(units, 'containerd', unit)).resolves.toBeUndefined();
  });

  test('is refused before anything changes', async () => {
    const node = await MemoryNode.start(usualMachine);
    const before = node.tree();
    node.host.units.set(unit, { active: 'inactive', startedAtMs: undefined });

    await expect(node.installation(someSettings(['remote'])).readFacts()).rejects.toMatchObject({
      code: 'KATA_ENGINE_UNIT',
    });

    expect([node.tree(), node.host.units.restarts]).toEqual([before, []]);
  });
});
