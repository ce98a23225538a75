/** The record of a run: a ConfigMap with its plan, how far it came, and the evidence of failed verifications. */
import { exitCodes, KataError } from '@kata/core';
import { lifecycleRunConfigMap, lifecycleRunLabel } from '@kata/kata';
import { type ConfigMapObject, createConfigMap, readConfigMap, updateConfigMap } from '@kata/kube/fleet';
import { policySchema } from '@kata/rollout';
import * as z from 'zod';
import type { FleetContext } from './context.ts';
import { noRun } from './no-run.ts';
import { type RunValues, writeRunValues } from './run-values.ts';

const nodesSchema = z.array(z.object({ name: z.string(), uid: z.string() }));

const planSchema = z.object({
  id: z.string(),
  intent: z.enum(['upgrade', 'roll-back']),
  /** ISO 8601. */
  created: z.string(),
  release: z.string(),
  daemonSet: z.string(),
  suffix: z.string(),
  /** By which the installer's pods are found. */
  podLabels: z.record(z.string(), z.string()),
  /** In the record, also those that joined later. */
  nodes: nodesSchema,
  /** By which the nodes of an upgrade were selected; older records have none. */
  query: z
    .object({ name: z.string(), labelSelector: z.string(), taintKey: z.string(), taintValue: z.string() })
    .exactOptional(),
  policy: policySchema,
  verification: z.object({
    /** YAML of the user's pod. */
    pod: z.string(),
    namespace: z.string(),
    timeoutMs: z.int(),
  }),
  /** Of an upgrade: what Helm is to do, and how it was before; the values are in a Secret, see `RunValues`. */
  helm: z
    .object({
      chart: z.object({
        chart: z.string(),
        repository: z.string().exactOptional(),
        caFile: z.string().exactOptional(),
        credentialsFile: z.string().exactOptional(),
        isPlainHttp: z.boolean().exactOptional(),
        isInsecure: z.boolean().exactOptional(),
      }),
      version: z.string(),
      before: z.object({
        revision: z.int(),
        chart: z.object({ name: z.string(), version: z.string(), appVersion: z.string() }),
      }),
    })
    .nullable(),
});

export type RunPlan = Readonly<z.infer<typeof planSchema>>;

/** In this order. */
export const stages = ['planned', 'managed', 'upgraded', 'prepared', 'restored', 'ended'] as const;
export type Stage = (typeof stages)[number];

export interface RunState {
  readonly stage: Stage;
  /** Of an ended run. */
  readonly outcome: string | undefined;
  readonly isStopRequested: boolean;
}

export interface RunRecord {
  readonly plan: RunPlan;
  readonly state: RunState;
  /** By node and number of its verification pod, such as `n1.2`. */
  readonly evidence: Readonly<Record<string, string>>;
}

export const installationLabel = 'katacontainers.io/kata-lifecycle-installation';
const evidencePrefix = 'evidence.';

/** `values`: of an upgrade. */
export async function createRun(
  context: FleetContext,
  plan: RunPlan,
  values?: RunValues,
): Promise<RunRecord> {
  const labels = { [lifecycleRunLabel]: plan.id, [installationLabel]: installationValue(context) };
  const data = { plan: JSON.stringify(plan), stage: 'planned' };
  await createConfigMap(context.api, referenceOf(context, plan.id), { labels, data });
  if (values !== undefined) await writeRunValues(context, plan.id, values);
  return recordOf({ data, name: plan.id });
}

/** Of a run that has changed nothing yet; it keeps its id. */
export async function replacePlan(
  context: FleetContext,
  id: string,
  { plan, values }: { readonly plan: RunPlan; readonly values: RunValues },
): Promise<RunRecord> {
  const text = JSON.stringify({ ...plan, id });
  await updateConfigMap(context.api, referenceOf(context, id), (data) => ({ ...data, plan: text }));
  await writeRunValues(context, id, values);
  return await readRun(context, id);
}

export async function readRun(context: FleetContext, id: string): Promise<RunRecord> {
  const found = await readConfigMap(context.api, referenceOf(context, id));
  if (found !== undefined) return recordOf(found);
  throw noRun(context, id);
}

export async function moveRun(
  context: FleetContext,
  id: string,
  stage: Stage,
  outcome?: string,
): Promise<void> {
  await updateConfigMap(context.api, referenceOf(context, id), (data) => ({
    ...data,
    stage,
    ...(outcome === undefined ? {} : { outcome }),
  }));
}

export async function requestStop(context: FleetContext, id: string): Promise<void> {
  await updateConfigMap(context.api, referenceOf(context, id), (data) => ({ ...data, stop: 'true' }));
}

/** Further nodes of a run, after those of its plan. Returns the record as it is then. */
export async function addNodes(
  context: FleetContext,
  id: string,
  nodes: Readonly<RunPlan['nodes']>,
): Promise<RunRecord> {
  await updateConfigMap(context.api, referenceOf(context, id), (data) => ({
    ...data,
    joined: JSON.stringify([...joinedOf(data), ...nodes.map(({ name, uid }) => ({ name, uid }))]),
  }));
  return await readRun(context, id);
}

/** Of 1 MiB that a ConfigMap holds; the rest is for nodes that join. */
const mostBytes = 900_000;

/** A full record takes no more: a node must be able to go back, also without evidence of why. */
export async function addEvidence(
  context: FleetContext,
  id: string,
  { node, number, text }: { readonly node: string; readonly number: number; readonly text: string },
): Promise<void> {
  await updateConfigMap(context.api, referenceOf(context, id), (data) => {
    const isFull = sizeOf(data) + Buffer.byteLength(text) > mostBytes;
    const kept = isFull ? 'left out: the record of the run is full' : text;
    return { ...data, [`${evidencePrefix}${node}.${number}`]: kept };
  });
}

function sizeOf(data: ConfigMapObject['data']): number {
  return Object.entries(data).reduce(
    (sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text),
    0,
  );
}

export function isPast({ state }: RunRecord, stage: Stage): boolean {
  return stages.indexOf(state.stage) >= stages.indexOf(stage);
}

/** @throws KataError `KATA_LIFECYCLE_RUN_RECORD` */
export function recordOf({ name, data }: Pick<ConfigMapObject, 'name' | 'data'>): RunRecord {
  const plan = planSchema.safeParse(parseJson(data['plan'] ?? ''));
  if (!plan.success) throw unreadable(name, plan.error);
  return {
    plan: { ...plan.data, nodes: [...plan.data.nodes, ...joinedOf(data)] },
    state: {
      stage: stageOf(data),
      outcome: data['outcome'],
      isStopRequested: data['stop'] === 'true',
    },
    evidence: Object.fromEntries(
      Object.entries(data).flatMap(([key, text]) =>
        key.startsWith(evidencePrefix) ? [[key.slice(evidencePrefix.length), text]] : [],
      ),
    ),
  };
}

function unreadable(name: string, cause: unknown): KataError {
  return new KataError('KATA_LIFECYCLE_RUN_RECORD', `the record ${name} of a run is not readable`, {
    exitCode: exitCodes.conflict,
    hint: `another version wrote it, or somebody changed it: kubectl get configmap ${name} -o yaml; when its run matters no more, delete it`,
    cause,
  });
}

/** Also of a record that is not readable otherwise. */
export function stageOf(data: ConfigMapObject['data']): Stage {
  return stages.find((one) => one === data['stage']) ?? 'planned';
}

function joinedOf(data: ConfigMapObject['data']): RunPlan['nodes'] {
  return nodesSchema.safeParse(parseJson(data['joined'] ?? '')).data ?? [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function referenceOf(
  { installation }: FleetContext,
  id: string,
): { readonly namespace: string; readonly name: string } {
  return { namespace: installation.namespace, name: lifecycleRunConfigMap(id) };
}

/** Of the label. */
export function installationValue({ installation }: FleetContext): string {
  return installation.suffix === '' ? 'default' : installation.suffix;
}
