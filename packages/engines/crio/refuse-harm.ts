/** Refuses edits after which CRI-O would not start, or would differ in more than our handlers. Pure. */
import { exitCodes, KataError } from '@kata/core';
import type { Handler } from '@kata/kata';
import { getIn } from '@kata/toml';
import type { EngineContext, FileEdit } from '../contract.ts';
import { defaultRuntimePath, effectiveConfig } from './effective-config.ts';
import { type CrioFacts, foresee } from './facts.ts';
import { findFaults } from './find-faults.ts';

export function refuseHarm(
  facts: CrioFacts,
  edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  handlers: readonly Handler[],
  context: EngineContext,
): void {
  const after = foresee(facts, edits);
  refuseLostDefault(facts, after);
  const faults = findFaults(facts, after, handlers, context);
  if (faults.length === 0) return;
  throw new KataError(
    'KATA_ENGINE_CHECK',
    `the new configuration of CRI-O would have faults: ${faults.join('; ')}`,
    {
      exitCode: exitCodes.verification,
      hint: `nothing was changed; check ${after.files.map(({ path }) => path).join(', ')}`,
      details: { faults },
    },
  );
}

/** CRI-O does not start when its default runtime has no table. */
function refuseLostDefault(before: CrioFacts, after: CrioFacts): void {
  const { handlers, settings } = effectiveConfig(after.files);
  const name = getIn(settings, defaultRuntimePath);
  if (typeof name !== 'string' || name === '' || Object.hasOwn(handlers, name)) return;
  // CRI-O's own defaults are in no file.
  if (!Object.hasOwn(effectiveConfig(before.files).handlers, name)) return;
  const file = after.files.findLast(({ value }) => getIn(value, defaultRuntimePath) === name);
  throw new KataError(
    'KATA_ENGINE_DEFAULT_RUNTIME',
    `default_runtime in ${file?.path ?? ''} is ${name}, but that handler would be removed: ${after.location.unit} would not start`,
    {
      exitCode: exitCodes.precondition,
      hint: `nothing was changed; set default_runtime to another handler, such as crun, in ${file?.path ?? ''}`,
      details: { file: file?.path, handler: name },
    },
  );
}
