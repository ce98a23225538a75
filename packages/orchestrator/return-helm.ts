/** After manual rollbacks: when no node is left on the target, the Helm release returns to the revision before it. */
import { readStatus } from '@kata/node';
import { readClaim } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import { type FleetFacts, nodesOf, readFleetFacts } from './fleet-facts.ts';
import { type HelmOptions, readRelease } from './helm/index.ts';
import { openRelease } from './release-control.ts';
import { returnRelease } from './return-release.ts';
import { isPast, type RunPlan, type RunRecord } from './run-record.ts';

export type HelmReturn =
  /** Nodes still have what its payload offers, or it offers something else. */
  | { readonly kind: 'stays' }
  | { readonly kind: 'returned'; readonly revision: number; readonly version: string }
  /** Another program has changed it since then. */
  | { readonly kind: 'changed'; readonly version: string };

export async function returnHelm(context: FleetContext, options: HelmOptions): Promise<HelmReturn> {
  const facts = await readFleetFacts(context);
  return isTargetAbandoned(facts) ? await returnPayload(context, options, facts.runs) : { kind: 'stays' };
}

/**
 * To the revision before the last upgrade from one of these versions; left out: before the last upgrade. Other nodes are held
 * on what is approved for them.
 */
export async function returnPayload(
  context: FleetContext,
  options: HelmOptions,
  runs: readonly RunRecord[],
  versions?: ReadonlySet<string>,
): Promise<HelmReturn> {
  const upgrades = runs.flatMap((run) =>
    run.plan.helm !== null && isPast(run, 'upgraded') ? [{ plan: run.plan, helm: run.plan.helm }] : [],
  );
  const last = upgrades.at(-1);
  const upgrade =
    versions === undefined ? last : upgrades.findLast(({ helm }) => versions.has(helm.before.chart.version));
  if (last === undefined || upgrade === undefined) return { kind: 'stays' };
  const { version, before } = last.helm;
  // When that upgrade was undone, the release is where it was.
  const present = versions === undefined ? [version] : [version, before.chart.version];
  return await rollBack(context, options, { plan: upgrade.plan, present });
}

/** The payload is a release that nodes were rolled back from, and that no node has. */
export function isTargetAbandoned(facts: FleetFacts): boolean {
  const { suffix } = facts.installation;
  const targets = new Set(facts.nodes.flatMap((node) => abandonedBy(readClaim(node), facts.runs) ?? []));
  const statuses = nodesOf(facts).flatMap((node) => readStatus(node, suffix) ?? []);
  const isPayload = statuses.some(({ offered }) => offered !== undefined && targets.has(offered));
  return isPayload && !statuses.some(({ current }) => current !== undefined && targets.has(current));
}

function abandonedBy(claim: ReturnType<typeof readClaim>, runs: readonly RunRecord[]): string | undefined {
  if (claim?.phase !== 'rolled-back') return undefined;
  const isManual = runs.some(({ plan }) => plan.id === claim.run && plan.intent === 'roll-back');
  return isManual ? (claim.target ?? undefined) : undefined;
}

/** `present`: versions that runs have left. */
async function rollBack(
  context: FleetContext,
  options: HelmOptions,
  { plan, present }: { readonly plan: RunPlan; readonly present: readonly string[] },
): Promise<HelmReturn> {
  await using release = await openRelease(context, options);
  const newest = await readRelease(release);
  const { version } = newest.chart;
  if (!present.includes(version)) return { kind: 'changed', version };
  const { release: after } = await returnRelease(context, release, plan);
  return { kind: 'returned', revision: after.revision, version: after.chart.version };
}
