/** A Helm release as Helm stores it, and the parts of it that a run records. */
import type { JsonObject } from '@kata/json';
import * as z from 'zod';

export interface ReleaseName {
  readonly name: string;
  readonly namespace: string;
}

export interface ChartIdentity {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
}

const statuses = [
  ...['unknown', 'deployed', 'uninstalled', 'superseded', 'failed', 'uninstalling'],
  ...['pending-install', 'pending-upgrade', 'pending-rollback'],
] as const;

/** One line of `helm history`. */
export interface Revision {
  readonly revision: number;
  readonly status: (typeof statuses)[number];
  readonly description: string;
}

/** One revision with all that Helm stores about it. */
export interface Release extends ReleaseName, Revision {
  readonly chart: ChartIdentity;
  /** What users gave, without the defaults of the chart. */
  readonly values: JsonObject;
  readonly manifest: string;
  /** ISO 8601, by the clock of the machine where Helm ran. */
  readonly since: string;
}

/** What a run records at its start, so that it can return to it. */
export interface ReleaseSnapshot {
  readonly revision: number;
  readonly chart: ChartIdentity;
  readonly values: JsonObject;
}

export function snapshotOf({ revision, chart, values }: Release): ReleaseSnapshot {
  return { revision, chart, values };
}

export function describeRelease({ namespace, name }: ReleaseName): string {
  return `release "${namespace}/${name}"`;
}

const statusSchema = z.enum(statuses);
const valuesSchema = z
  .record(z.string(), z.json())
  .nullish()
  .transform((values): JsonObject => values ?? {});

/** `helm history --output json` */
export const historySchema = z.array(
  z.object({ revision: z.int(), status: statusSchema, description: z.string().default('') }),
);

/** `helm get metadata --output json` */
export const metadataSchema = z
  .object({ chart: z.string(), version: z.string(), appVersion: z.string().default(''), revision: z.int() })
  .transform(({ revision, chart: name, ...chart }) => ({ revision, chart: { name, ...chart } }));

/** `helm status --output json`, and the same of `helm upgrade`. */
export const releaseStatusSchema = z
  .object({
    version: z.int(),
    info: z.object({
      status: statusSchema,
      description: z.string().default(''),
      last_deployed: z.string().default(''),
    }),
    config: valuesSchema,
    manifest: z.string().default(''),
  })
  .transform(({ version: revision, info: { last_deployed: since, ...info }, config: values, manifest }) => ({
    revision,
    ...info,
    since,
    values,
    manifest,
  }));
