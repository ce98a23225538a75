/** Reads a release and its history; every revision is read by its number. */
import { exitCodes, KataError } from '@kata/core';
import type * as z from 'zod';
import { historyArguments, metadataArguments, statusArguments } from './helm-arguments.ts';
import { type HelmContext, helmTimeouts } from './helm-context.ts';
import {
  describeRelease,
  historySchema,
  metadataSchema,
  type Release,
  releaseStatusSchema,
  type Revision,
} from './release.ts';

/** The newest revision, whatever its status. @throws KataError `KATA_HELM_RELEASE_ABSENT` */
export async function readRelease(context: HelmContext): Promise<Release> {
  const release = await readRevision(context);
  if (release === undefined || ['uninstalled', 'uninstalling'].includes(release.status)) {
    throw absent(context, release?.status);
  }
  return release;
}

/** Undefined when there is no such revision (any more). Without a revision: the newest. */
export async function readRevision(context: HelmContext, revision?: number): Promise<Release | undefined> {
  const { release } = context;
  const metadata = await readJson(context, metadataArguments(release, revision), metadataSchema);
  if (metadata === undefined) return undefined;
  const argv = statusArguments(release, metadata.revision);
  const stored = await readJson(context, argv, releaseStatusSchema);
  return stored && { ...release, chart: metadata.chart, ...stored };
}

/** The oldest first. */
export async function readHistory(context: HelmContext): Promise<readonly Revision[]> {
  const history = await readJson(context, historyArguments(context.release), historySchema);
  if (history === undefined) throw absent(context, undefined);
  return history.toSorted((a, b) => a.revision - b.revision);
}

async function readJson<T>(
  { helm, release }: HelmContext,
  argv: readonly string[],
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const what = `read ${describeRelease(release)}`;
  const text = await helm.read(argv, { what, timeoutMs: helmTimeouts.readMs });
  return text === undefined ? undefined : parseAnswer(text, what, schema);
}

/** Values may be secret: an error names places only. */
export function parseAnswer<T>(text: string, what: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'all'} (${code})`);
  throw new KataError('KATA_HELM_ANSWER', `cannot ${what}: Helm's output has another form`, {
    exitCode: exitCodes.precondition,
    cause: new Error(`not as expected: ${places.join(', ')}`),
    hint: 'use Helm 3',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function absent({ release }: HelmContext, status: string | undefined): KataError {
  const what =
    status === undefined
      ? `there is no ${describeRelease(release)}`
      : `${describeRelease(release)} is ${status}`;
  return new KataError('KATA_HELM_RELEASE_ABSENT', what, {
    exitCode: exitCodes.precondition,
    hint: `check the names with \`helm list --all --all-namespaces\`; the first installation is a \`helm install\``,
  });
}
