/** All that is known about one node: what the installer reports, what runs did on it, and what to do next. */
import { type NodeStatus, readStatus } from '@kata/node';
import { type Claim, phases, readClaim } from '@kata/rollout';
import { lifecycleCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { readFleetFacts } from './fleet-facts.ts';
import { cordonText, type FleetNodeStatus, nodeStatusOf } from './fleet-status.ts';
import { findNodes } from './named-nodes.ts';
import { type RunSummary, summaryOf } from './run-history.ts';
import type { RunRecord } from './run-record.ts';

export interface NodeExplanation extends FleetNodeStatus {
  readonly installer: NodeStatus | null;
  readonly claim: Claim | null;
  /** Of the claim; null when its record was deleted. */
  readonly lastRun: RunSummary | null;
  /** Of failed verification pods, by their number. */
  readonly evidence: Readonly<Record<string, string>>;
  readonly alternatives: readonly Alternative[];
}

interface Alternative {
  readonly command: string;
  readonly effect: string;
}

export async function explainNode(context: FleetContext, name: string): Promise<NodeExplanation> {
  const facts = await readFleetFacts(context);
  const [node] = findNodes(facts.nodes, [name]);
  if (node === undefined) throw new TypeError(name);
  const { installation } = facts;
  const found = readClaim(node);
  const claim = found?.installation === installation.suffix ? found : undefined;
  const record = facts.runs.find(({ plan }) => plan.id === claim?.run);
  const status = nodeStatusOf(node, facts);
  const isLeft = status.cordonedBy === 'run' && claim?.phase === 'failed';
  return {
    ...status,
    installer: readStatus(node, installation.suffix) ?? null,
    claim: claim ?? null,
    lastRun: record === undefined ? null : summaryOf(record, facts),
    evidence: evidenceOf(record, name),
    alternatives: isLeft
      ? [
          {
            command: lifecycleCommand(installation, 'verify', name),
            effect: 'run only your pod there, and change nothing',
          },
          { command: `kubectl uncordon ${name}`, effect: 'use the node as it is' },
        ]
      : [],
  };
}

function evidenceOf(record: RunRecord | undefined, node: string): Readonly<Record<string, string>> {
  const prefix = `${node}.`;
  const found = Object.entries(record?.evidence ?? {}).flatMap(([key, text]) => {
    const number = key.slice(prefix.length);
    return key.startsWith(prefix) && /^\d+$/.test(number) ? [[number, text] as const] : [];
  });
  return Object.fromEntries(found);
}

export function formatExplanation(found: NodeExplanation): string {
  const { node, why, next, alternatives, evidence, isReady } = found;
  const scheduling = [isReady ? 'Ready' : 'NotReady', cordonText(found)].filter((part) => part !== '');
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['installer', describeInstaller(found)],
    ['run', describeClaim(found)],
    ['node', [scheduling.join(', ')]],
  ];
  return [
    `${node}: ${why ?? 'all is as it should be'}`,
    ...(next === null ? [] : [`  next: ${next}`]),
    ...alternatives.map(({ command, effect }) => `  or: ${command} (${effect})`),
    '',
    ...sections.flatMap(([title, lines]) =>
      lines.map((line, i) => `${(i === 0 ? title : '').padEnd(10)} ${line}`),
    ),
    ...Object.entries(evidence).flatMap(([number, text]) => ['', `verification pod ${number}:`, text]),
  ].join('\n');
}

function describeInstaller({ installer, approved }: NodeExplanation): readonly string[] {
  if (installer === null) return ['no status'];
  const { phase, reason, code, message, time, attempt, offered, current, previous } = installer;
  const tries = attempt === undefined ? '' : `, attempt ${attempt}`;
  const releases = { installed: current, previous, offered, approved };
  return [
    `${phase} (${code ?? reason}) since ${time}${tries}`,
    ...(message === undefined ? [] : [message]),
    Object.entries(releases)
      .map(([name, release]) => `${name} ${release ?? '-'}`)
      .join(', '),
  ];
}

function describeClaim({ claim, lastRun }: NodeExplanation): readonly string[] {
  if (claim === null) return ['none'];
  const { run, phase, since, before, target, failure, failureBefore, lifted, epoch } = claim;
  return [
    `${run}: ${phases[phase].word} since ${since}${epoch === 1 ? '' : `, epoch ${epoch}`}`,
    lastRun === null
      ? 'its record was deleted'
      : `${lastRun.purpose}, started ${lastRun.created}: ${lastRun.outcome ?? lastRun.situation}`,
    `release before ${before.release ?? '-'}, target ${target ?? '-'}`,
    ...(failure === null ? [] : [`failure ${failure.reason}: ${failure.message}`]),
    ...(failureBefore === null
      ? []
      : [`on the earlier release ${failureBefore.reason}: ${failureBefore.message}`]),
    ...(lifted.length === 0
      ? []
      : [
          `taints removed until the run ends: ${lifted.map(({ key, effect }) => `${key}:${effect}`).join(', ')}`,
        ]),
  ];
}
