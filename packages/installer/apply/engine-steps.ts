/** What a run does with the engine: looks at its start, judges its files, restarts it. */
import type { EngineWishes } from '@kata/artifacts';
import type { HostUnits } from '@kata/host';
import type { ApplyContext } from './apply.ts';
import type { EngineSession } from '../engine/engine-session.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { type HandlerEntry, emptyRecord, type OwnershipRecord } from '../state/record.ts';

type EngineSteps = Pick<
  ApplyContext,
  | 'checkEngineConfig'
  | 'engineNote'
  | 'engineUnit'
  | 'handlersBefore'
  | 'planEditsBefore'
  | 'readInvocation'
  | 'restartEngine'
  | 'unloaded'
>;

export interface EngineRun {
  readonly units: Pick<HostUnits, 'state'>;
  readonly session: EngineSession;
  readonly facts: NodeFacts;
  /** The record with which the run begins. */
  readonly begun: OwnershipRecord | undefined;
  /** Handlers that shall be served in the end. */
  readonly handlers: readonly HandlerEntry[];
  /** What the engine shall be told beside them; undefined: what the settings say. */
  readonly told: EngineWishes | undefined;
}

export function engineSteps({ units, session, facts, begun, handlers, told }: EngineRun): EngineSteps {
  const { engine, engineNote, record } = facts;
  return {
    engineUnit: engine.unit,
    unloaded: engine.unloaded,
    engineNote,
    handlersBefore: engine.found.filter(({ name }) => engine.served?.includes(name) === true),
    readInvocation: async (when) => {
      const state = await units.state(engine.unit);
      return when === undefined || state?.active === 'active' ? state?.invocationId : undefined;
    },
    checkEngineConfig: async (owner, done) => {
      await session.checkConfig(engine, done, handlers, owner, told);
    },
    planEditsBefore: async (owner) => await session.planEdits(engine, engine.found, owner, record?.engine),
    restartEngine: async (served) => {
      const names = new Set(served.map((handler) => handler.name));
      // What others say of a handler stays with them, whole or not, and so the engine lists it.
      const isOthers = (name: string): boolean => engine.others.some((other) => other.name === name);
      const gone = (begun ?? emptyRecord).handlers.filter(({ name }) => !names.has(name) && !isOthers(name));
      await session.restart(served, gone);
    },
  };
}
