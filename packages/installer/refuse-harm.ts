/** Asks the engine's own code about all edits of a plan together, before the first change. Pure. */
import type { EngineWishes } from '@kata/artifacts';
import type { FileEdit } from '@kata/engines';
import type { Plan } from './actions.ts';
import type { HandlerEntry, NodeFacts } from './facts.ts';
import { emptyRecord } from './record.ts';

/**
 * A plan that restarts the engine must leave it able to come back, and others with all that they have.
 *
 * @throws KataError `KATA_ENGINE_…`
 */
export function refuseHarm<P extends Plan>(
  plan: P,
  { engine, record }: Pick<NodeFacts, 'engine' | 'record'>,
  handlers: readonly HandlerEntry[],
  told?: EngineWishes,
): P {
  const edits = plan.actions.flatMap((action): Pick<FileEdit, 'path' | 'after'>[] => {
    if (action.kind !== 'file.write' && action.kind !== 'file.remove') return [];
    const { path } = action;
    return action.area === 'engine' ? [{ path, after: 'after' in action ? action.after : undefined }] : [];
  });
  const restarts = plan.actions.some(({ kind }) => kind === 'engine.restart');
  if (restarts) engine.refuseHarm(edits, handlers, record ?? emptyRecord, told);
  return plan;
}
