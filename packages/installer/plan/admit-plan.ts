/** Has a plan that restarts the engine judged before its first change: by the engine's own loader where it can be asked, and by our reading. */
import type { DesiredEngine } from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { FileEdit, LoaderAnswer } from '@kata/engines';
import { type Plan, restartsEngine, isEngineEdit } from '../state/actions.ts';
import type { EngineSession } from '../engine/engine-session.ts';
import { type EngineChange, refuseHarm } from '../engine/plan-edits.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { emptyRecord } from '../state/record.ts';
import { restartNotes } from './restart-notes.ts';

export interface Admission<P extends Plan> {
  /** Pure. */
  readonly plan: (facts: NodeFacts) => P;
  /** What the engine shall serve then. */
  readonly handlers: EngineChange['handlers'];
  /** See `planEdits`. */
  readonly told?: DesiredEngine | undefined;
}

export interface Admitted<P extends Plan> {
  readonly plan: P;
  /** Those that the plan is for: the engine is that which the restart starts, whatever runs now. */
  readonly facts: NodeFacts;
}

type Loader = Pick<EngineSession, 'queryLoader' | 'askVersion' | 'readFactsAs'>;

/** @throws KataError `KATA_ENGINE_LOADER`, `KATA_ENGINE_…`, and what planning throws */
export async function admitPlan<P extends Plan>(
  session: Loader,
  facts: NodeFacts,
  admission: Admission<P>,
): Promise<Admitted<P>> {
  const first = tryPlan(admission, facts);
  if ('plan' in first && !restartsEngine(first.plan)) return { plan: first.plan, facts };
  const answer = await session.askVersion();
  if (answer.kind === 'unavailable') return admit(planOf(first), facts, admission, answer);
  const { running } = facts.engine;
  if (answer.version === facts.engine.version)
    return await admitByLoader(session, planOf(first), facts, admission);
  const engine = await session.readFactsAs(answer.version, facts.engine, facts.record ?? emptyRecord);
  const next = { ...facts, engine };
  const plan = admission.plan(next);
  if (!restartsEngine(plan)) return { plan, facts: next };
  const note = `${engine.title} is on disk and ${running} runs: the restart also changes the version`;
  return await admitByLoader(session, { ...plan, notes: [...plan.notes, note] }, next, admission);
}

/** What there is after such a plan, for the engine that it is for: where nothing was restarted, another one may still run. */
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
      hint: `nothing was changed: correct what it names, probably in ${files.join(', ')}`,
      details: { unit, words, files },
    },
  );
}

type Tried<P extends Plan> = { readonly plan: P } | { readonly refusal: KataError };

/** What this version of the engine refuses, the one on disk may take. */
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

/** The last text of each file counts. */
function editsOf({ actions }: Plan): readonly Pick<FileEdit, 'path' | 'after'>[] {
  return actions.filter(isEngineEdit).map(({ path, after }) => ({ path, after }));
}
