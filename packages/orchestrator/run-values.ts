/** Values of the Helm release of a run. They may be secret, so a Secret has them: only accounts that run Helm may read it. */
import { isDeepStrictEqual } from 'node:util';
import { exitCodes, KataError } from '@kata/core';
import type { JsonObject } from '@kata/json';
import { lifecycleRunConfigMap, lifecycleRunLabel } from '@kata/kata';
import { createSecret, deleteSecret, readConfigMap, readSecret } from '@kata/kube/fleet';
import * as z from 'zod';
import { lifecycleCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { noRun } from './no-run.ts';

const schema = z.object({
  /** A list as for `--set`. */
  setValues: z.string(),
  /** Of the revision at the start. */
  before: z.record(z.string(), z.json()).transform((values): JsonObject => values),
});

export type RunValues = Readonly<z.infer<typeof schema>>;

const key = 'values';

/** Also instead of others. The Secret is deleted with the record of the run. */
export async function writeRunValues(context: FleetContext, run: string, values: RunValues): Promise<void> {
  const { api } = context;
  const reference = referenceOf(context, run);
  const known = await readSecret(api, reference);
  if (known !== undefined && isDeepStrictEqual(parse(known), values)) return;
  const record = await readConfigMap(api, reference);
  if (record === undefined) throw noRun(context, run);
  if (known !== undefined) await deleteSecret(api, reference);
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: record.name, uid: record.uid };
  const data = { [key]: JSON.stringify(values) };
  await createSecret(api, reference, { labels: { [lifecycleRunLabel]: run }, data, owner });
}

/** Undefined when they were deleted, or changed. */
export async function findRunValues(context: FleetContext, run: string): Promise<RunValues | undefined> {
  return parse((await readSecret(context.api, referenceOf(context, run))) ?? {});
}

/** @throws KataError `KATA_LIFECYCLE_RUN_VALUES` */
export async function readRunValues(context: FleetContext, run: string): Promise<RunValues> {
  const values = await findRunValues(context, run);
  if (values !== undefined) return values;
  const { installation } = context;
  const { name } = referenceOf(context, run);
  throw new KataError('KATA_LIFECYCLE_RUN_VALUES', `the Secret ${name} of the run was deleted or changed`, {
    exitCode: exitCodes.conflict,
    hint: `it has the values that Helm gets, and no node was changed yet: end the run, and upgrade again: ${lifecycleCommand(installation, 'stop', run)}`,
  });
}

function parse(data: Readonly<Record<string, string>>): RunValues | undefined {
  try {
    return schema.safeParse(JSON.parse(data[key] ?? '')).data;
  } catch {
    return undefined;
  }
}

/** The Secret has the name of the record. */
function referenceOf(
  { installation }: FleetContext,
  run: string,
): { readonly namespace: string; readonly name: string } {
  return { namespace: installation.namespace, name: lifecycleRunConfigMap(run) };
}
