/** Refuses a restart of the engine that would kill the shims of running Kata pods. Pure. */
import { exitCodes, KataError } from '@kata/core';
import type { NodeFacts } from '../facts/facts.ts';
import { namePods } from '../facts/sandboxes.ts';

/** Modes in which systemd leaves the other processes of the unit, such as shims, alone. */
const sparing: readonly string[] = ['process', 'none'];

/** @throws KataError `KATA_ENGINE_KILL_MODE` */
export function refuseKilling({
  engine,
  sandboxView,
}: {
  readonly engine: Pick<NodeFacts['engine'], 'killMode' | 'unit'>;
  readonly sandboxView: Pick<NodeFacts['sandboxView'], 'running'>;
}): void {
  const { killMode, unit } = engine;
  const { running } = sandboxView;
  if (killMode === undefined || sparing.includes(killMode) || running.length === 0) return;
  throw new KataError(
    'KATA_ENGINE_KILL_MODE',
    `a restart of ${unit} would kill running Kata pods (${namePods(running)}): its KillMode is ${killMode}`,
    {
      exitCode: exitCodes.precondition,
      hint: `nothing was changed; end these pods, or run: mkdir -p /etc/systemd/system/${unit}.d && printf '[Service]\\nKillMode=process\\n' > /etc/systemd/system/${unit}.d/kata.conf && systemctl daemon-reload`,
      details: { unit, killMode, sandboxes: running.map(({ id }) => id) },
    },
  );
}
