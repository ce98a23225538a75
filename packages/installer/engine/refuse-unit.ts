/** Refuses a unit that systemd would not start again, or would start in addition to the engine that kubelet uses. */
import { exitCodes, KataError } from '@kata/core';
import type { HostUnits, UnitState } from '@kata/host';

/** Names of units that may run an engine. */
const enginePatterns: readonly string[] = [
  '*containerd*.service',
  '*crio*.service',
  '*docker*.service',
  'k0s*.service',
  'k3s*.service',
  'rke2*.service',
];

/**
 * For an engine that answers on its socket.
 *
 * @throws KataError `KATA_ENGINE_UNIT`
 */
export async function refuseUnit(
  units: Pick<HostUnits, 'activeLike' | 'state'>,
  title: string,
  unit: string,
): Promise<void> {
  const state = await units.state(unit);
  const why = describe(state);
  if (why === undefined) return;
  const others = (await units.activeLike(enginePatterns)).filter((name) => name !== unit);
  const found = others.length === 0 ? '' : `; active here: ${others.join(', ')}`;
  throw new KataError('KATA_ENGINE_UNIT', `${title} answers on its socket, but ${unit} ${why}${found}`, {
    exitCode: exitCodes.precondition,
    hint:
      state?.loadState === 'masked'
        ? `systemctl unmask ${unit}`
        : `run the container runtime of this node as ${unit} (see: systemctl status ${unit}); nothing was changed`,
    details: { unit, active: state?.active ?? 'not-found', loadState: state?.loadState, others },
  });
}

/** Undefined where it can be restarted. */
function describe(state: UnitState | undefined): string | undefined {
  if (state === undefined) return 'does not exist';
  const { active, loadState = 'loaded', mainPid } = state;
  if (loadState === 'masked') return 'is masked, so systemd would not start it again';
  if (loadState !== 'loaded') return `is ${loadState}, so systemd would not start it again`;
  if (active !== 'active' && active !== 'reloading') return `is ${active}: another unit runs it`;
  return mainPid === undefined ? 'has no process: another unit runs it' : undefined;
}
