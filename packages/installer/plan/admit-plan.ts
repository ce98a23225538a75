/** Checks a plan that restarts the engine before its first change: with the engine's own loader where possible, and with our own rules. */
import type { DesiredEngine } from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { FileEdit, LoaderAnswer } from '@kata/engines';
import { type Plan, restartsEngine, isEngineEdit } from '../state/actions.ts';
import type { EngineSession } from '../engine/engine-session.ts';
import { type EngineChange, refuseHarm } from '../engine/plan-edits.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { emptyRecord } from '../state/record.ts';
import { refuseKilling } from './refuse-killing.ts';
import { restartNotes } from './restart-notes.ts';

export interface Admission<P extends Plan> {
  /** Pure. */
  readonly plan: (facts: NodeFacts) => P;
  /** Handlers that the engine shall serve afterwards. */
  readonly handlers: EngineChange['handlers'];
  /** See `planEdits`. */
  readonly told?: DesiredEngine | undefined;
}

export interface Admitted<P extends Plan> {
  readonly plan: P;
  /** The facts that the plan is for: with the engine version that the restart starts. */
  readonly facts: NodeFacts;
}

type Loader = Pick<EngineSession, 'queryLoader' | 'queryLoaderVersion' | 'readFactsAs'>;

/** @throws KataError `KATA_ENGINE_LOADER`, `KATA_ENGINE_…`, and what planning throws */
export async function admitPlan<P extends Plan>(
  session: Loader,
  facts: NodeFacts,
  admission: Admission<P>,
): Promise<Admitted<P>> {
  const first = tryPlan(admission, facts);
  if ('plan' in first && !restartsEngine(first.plan)) return { plan: first.plan, facts };
  const answer = await session.queryLoaderVersion();
  if (answer.kind === 'unavailable') return admit(planOf(first), facts, admission, answer);
  const { running } = facts.engine;
  if (answer.version === facts.engine.version)
    return await admitByLoader(session, planOf(first), facts, admission);
  const engine = await session.readFactsAs(answer.version, facts.engine, facts.record ?? emptyRecord);
  const next = { ...facts, engine };
  const plan = admission.plan(next);
  if (!restartsEngine(plan)) return { plan, facts: next };
  const note = `${engine.title} is installed and ${running} is running: the restart also changes the version`;
  return await admitByLoader(session, { ...plan, notes: [...plan.notes, note] }, next, admission);
}

/** Facts after such a plan, for the engine version that it is for: without a restart another version may still be running. */
export async function asAdmitted(
  session: Pick<Loader, 'readFactsAs'>,
  { plan, facts }: Admitted<Plan>,
  now: NodeFacts,
): Promise<NodeFacts> {
  const { version } = facts.engine;
  if (restartsEngine(plan) || version === now.engine.version) return now;
  return { ...now, engine: await session.readFactsAs(version, now.engine, now.record ?? emptyRecord) };
}

async function admitByLoader<P extends Plan>(
  session: Loader,
  plan: P,
  facts: NodeFacts,
  admission: Admission<P>,
): Promise<Admitted<P>> {
  return admit(plan, facts, admission, await session.queryLoader(facts.engine, editsOf(plan)));
}

function admit<P extends Plan>(
  plan: P,
  facts: NodeFacts,
  { handlers, told }: Admission<P>,
  answer: LoaderAnswer,
): Admitted<P> {
  const { engine, record } = facts;
  if (restartsEngine(plan)) refuseKilling(facts);
  if (answer.kind === 'refuses') throw refusedByLoader(facts, answer.words);
  const isLoaded = answer.kind === 'accepts';
  const change = { edits: editsOf(plan), handlers, record: record ?? emptyRecord, told, isLoaded };
  refuseHarm(engine, change);
  return { plan: { ...plan, notes: [...plan.notes, ...restartNotes(engine, answer)] }, facts };
}

function refusedByLoader(
  { engine: { title, unit, unloaded, configFiles } }: NodeFacts,
  words: string,
): KataError {
  const files = unloaded.length > 0 ? unloaded : configFiles;
  return new KataError(
    'KATA_ENGINE_LOADER',
    `${title}, which a restart of ${unit} would start, refuses its configuration: ${words}`,
    {
      exitCode: exitCodes.precondition,
      hint: `nothing was changed: fix the error that it names, probably in ${files.join(', ')}`,
      details: { unit, words, files },
    },
  );
}

type Tried<P extends Plan> = { readonly plan: P } | { readonly refusal: KataError };

/** A configuration that the running version refuses may be valid for the version on disk. */
function tryPlan<P extends Plan>({ plan }: Admission<P>, facts: NodeFacts): Tried<P> {
  try {
    return { plan: plan(facts) };
  } catch (error) {
    if (!(error instanceof KataError) || !error.code.startsWith('KATA_ENGINE_CONFIG_')) throw error;
    return { refusal: error };
  }
}

function planOf<P extends Plan>(tried: Tried<P>): P {
  if ('refusal' in tried) throw tried.refusal;
  return tried.plan;
}

function editsOf({ actions }: Plan): readonly Pick<FileEdit, 'path' | 'after'>[] {
  return actions.filter(isEngineEdit).map(({ path, after }) => ({ path, after }));
}
