/** A planned upgrade as text. */
import { formatTable } from '@kata/report';
import { type Prospect, wavesOf } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import type { PlannedNode, PlannedUpgrade } from './plan-upgrade.ts';
import type { RunSummary } from './run-history.ts';

const verbs: Readonly<Record<Prospect, string>> = {
  install: 'install, verify',
  upgrade: 'upgrade, verify',
  verify: 'verify: it has this version; upgrade when other settings differ',
  right: 'nothing: it has this version, verified',
};

export interface UpgradePreview extends PlannedUpgrade {
  /** A run that has not ended. */
  readonly open: RunSummary | null;
}

/** For `--output json`: without the values of the Helm release, which may be secret. */
export function upgradePreviewData({
  plan,
  nodes,
  foresight,
  management,
  unchecked,
  open,
  ...found
}: UpgradePreview): object {
  return {
    target: plan.helm?.version ?? null,
    batchSize: plan.policy.batchSize,
    waves: wavesIn(nodes, plan.policy.batchSize),
    nodes,
    leftAlone: found.leftAlone.map(({ node, reason, why }) => ({ node: node.name, reason, why })),
    helm: {
      kind: foresight.kind,
      revision: foresight.before.revision,
      version: foresight.before.chart.version,
      changedValues: foresight.changedValues,
    },
    management,
    verification: { isAccepted: unchecked.length === 0, unchecked },
    openRun: open?.id ?? null,
  };
}

export function formatUpgradePreview(
  preview: UpgradePreview,
  { installation }: Pick<FleetContext, 'installation'>,
): string {
  const { plan, nodes, leftAlone, open } = preview;
  const { batchSize } = plan.policy;
  const version = plan.helm?.version ?? '';
  const waves = wavesIn(nodes, batchSize);
  const rows = nodes.map(({ node, current, prospect }) => {
    const wave = waves.findIndex((names) => names.includes(node));
    return [wave < 0 ? '-' : String(wave + 1), node, current ?? '-', verbs[prospect]];
  });
  const sections = [
    ...(open === null ? [] : [describeOpen(open, version)]),
    `Upgrade to ${version}: ${nodes.length} nodes, ${batchSize} at a time. Nothing is changed yet.`,
    rows.length === 0 ? 'No node matches.' : formatTable([['WAVE', 'NODE', 'HAS', 'THE RUN WILL'], ...rows]),
    ...(leftAlone.length === 0
      ? []
      : [['Left alone:', ...leftAlone.map(({ node, why }) => `  ${node.name} ${why}`)].join('\n')]),
    [
      describeHelm(preview, `${installation.namespace}/${installation.release}`),
      ...describeManagement(preview),
      describeVerification(preview),
    ].join('\n'),
  ];
  return sections.join('\n\n');
}

/** Without those that the run leaves alone. */
function wavesIn(nodes: readonly PlannedNode[], size: number): readonly (readonly string[])[] {
  const names = nodes.flatMap(({ node, prospect }) => (prospect === 'right' ? [] : node));
  return wavesOf(names, size);
}

function describeOpen(
  { id, version: target, situation, nodes, stage, intent }: RunSummary,
  version: string,
): string {
  const run = `Run ${id} towards ${target ?? 'the earlier releases'} (${nodes.length} nodes) is ${situation}`;
  if (stage === 'planned' && intent === 'upgrade') {
    return `${run} and has changed nothing: an upgrade plans it anew.`;
  }
  return target === version
    ? `${run}: an upgrade goes on with its recorded plan and parameters, not with these.`
    : `${run}: an upgrade to ${version} is refused until it has ended.`;
}

function describeHelm({ plan, foresight, nodes }: UpgradePreview, release: string): string {
  const { kind, before, changedValues } = foresight;
  const now = `${before.chart.version} (revision ${before.revision})`;
  if (nodes.length === 0) return `Helm: release "${release}" stays at ${now}, because no node matches`;
  if (kind === 'unchanged') return `Helm: release "${release}" is at ${now} already; no new revision`;
  const values =
    changedValues.length === 0 ? 'values stay' : `values that change: ${changedValues.join(', ')}`;
  const change = `Helm: release "${release}" from ${now} to ${plan.helm?.version ?? ''}`;
  return kind === 'pending'
    ? `${change}; another Helm has left it pending, and the upgrade recovers it first`
    : `${change}; ${values}`;
}

function describeManagement({ management, nodes }: UpgradePreview): readonly string[] {
  if (nodes.length === 0) return [];
  const { isManaged, willApprove, withoutApproval } = management;
  if (!isManaged) {
    const names = willApprove.join(', ') || 'no node';
    return [`Management: begins with this run, which first approves what each node has: ${names}`];
  }
  return withoutApproval.length === 0
    ? []
    : [
        `Management: nothing is approved for ${withoutApproval.join(', ')}; they stay as they are outside of runs`,
      ];
}

function describeVerification({ nodes, unchecked }: UpgradePreview): string {
  if (nodes.length === 0) return 'Verification pod: valid';
  if (unchecked.length === 0) return 'Verification pod: accepted for each node (dry run)';
  return `Verification pod: not fully checked: ${unchecked.join('; ')}`;
}
