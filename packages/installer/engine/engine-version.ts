/** Queries the version of the engine; while its unit is being restarted, waits until it is up. */
import { exitCodes, KataError, waitFor } from '@kata/core';
import type { HostUnits } from '@kata/host';

export interface QueriedEngine {
  readonly title: string;
  readonly unit: string;
  /** Rejects when the engine does not answer. */
  readonly query: () => Promise<string>;
  readonly units: Pick<HostUnits, 'state'>;
  /** Pause between two queries. */
  readonly intervalMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, before the wait. */
  readonly onWait: (active: string) => void;
}

const answerTimeoutMs = 60_000;
/** States of a unit that is being started, stopped or reloaded. */
const passing: readonly string[] = ['activating', 'deactivating', 'reloading'];
/** It may have come up between our query and systemd's answer, and a client may pause before it connects again. */
const attemptsWhileActive = 5;

/** @throws KataError `KATA_ENGINE_SILENT` */
export async function queryVersion(engine: QueriedEngine): Promise<string> {
  const { title, unit, intervalMs } = engine;
  let isAwaited = false;
  let failuresWhileActive = 0;
  const probe = async (): Promise<{ readonly version: string } | { readonly failure: unknown }> => {
    try {
      return { version: await engine.query() };
    } catch (error) {
      const active = (await engine.units.state(unit))?.active ?? '';
      failuresWhileActive = active === 'active' ? failuresWhileActive + 1 : 0;
      const mayAnswer =
        passing.includes(active) || (active === 'active' && failuresWhileActive < attemptsWhileActive);
      if (!mayAnswer || engine.signal?.aborted === true) return { failure: error };
      if (!isAwaited) engine.onWait(active);
      isAwaited = true;
      throw error;
    }
  };
  const waiting = { what: `${title} to answer`, timeoutMs: answerTimeoutMs, intervalMs };
  const outcome = await waitFor(waiting, probe).catch((failure: unknown) => ({ failure }));
  if ('version' in outcome) return outcome.version;
  const active = (await engine.units.state(unit))?.active ?? 'unknown to systemd';
  const isRunning = active === 'active';
  throw new KataError(
    'KATA_ENGINE_SILENT',
    `${title} does not answer on its socket${isRunning ? '' : `; ${unit} is ${active}`}`,
    {
      exitCode: exitCodes.precondition,
      hint: `${isRunning ? 'see' : `start it: systemctl start ${unit}; to see why it stopped, run`}: journalctl --unit ${unit}`,
      cause: outcome.failure,
    },
  );
}
