/** Refuses edits after which containerd would not start or foreign settings would change. */
import { exitCodes, KataError } from '@kata/core';
import type { Handler } from '@kata/kata';
import { getIn } from '@kata/toml';
import type { EngineContext, FileEdit } from '../contract.ts';
import { findFaults } from './check-after.ts';
import { effectiveConfig } from './effective-config.ts';
import { type ContainerdFacts, foreignFiles, foresee } from './facts.ts';
import { handlerTable } from './handler-table.ts';
import { criSectionPath, runtimesPaths } from './loaders.ts';
import { handlersIn } from './ownership.ts';
import { refuseProblem } from './refuse-unsafe.ts';
import { covers } from '../toml/table-differences.ts';

export function refuseHarm(
  facts: ContainerdFacts,
  edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  handlers: readonly Handler[],
  context: EngineContext,
  isLoaded = false,
): void {
  const after = foresee(facts, edits);
  refuseProblem(after.problems);
  refuseProblem(after.startProblems);
  if (!isLoaded) refuseProblem(after.typeProblems);
  refuseLostDefault(after);
  for (const handler of handlers) refuseOverride(after, handler, context);
  const faults = findFaults(facts, after, handlers, context);
  if (faults.length === 0) return;
  throw new KataError(
    'KATA_ENGINE_CHECK',
    `the new configuration of containerd would have faults: ${faults.join('; ')}`,
    {
      exitCode: exitCodes.verification,
      hint: `nothing was changed; check ${after.files.map(({ path }) => path).join(', ')}`,
      details: { faults },
    },
  );
}

/** Without its default handler containerd does not serve kubelet at all. */
function refuseLostDefault(after: ContainerdFacts): void {
  const { handlers, settings } = effectiveConfig(after);
  const sections = [1, 2, 3].map((schema) => [...criSectionPath(schema), 'containerd']);
  const setting = (key: string): unknown =>
    sections.map((path) => getIn(settings, [...path, key])).find(isSet);
  const name = setting('default_runtime_name') ?? 'runc';
  const old = sections
    .map((path) => getIn(settings, [...path, 'default_runtime', 'runtime_type']))
    .find(isSet);
  if (old !== undefined || typeof name !== 'string' || Object.hasOwn(handlers, name)) return;
  const file = after.files.findLast(({ value }) =>
    sections.some((path) => getIn(value, [...path, 'default_runtime_name']) === name),
  );
  const place = file?.path ?? after.mainPath;
  throw new KataError(
    'KATA_ENGINE_DEFAULT_RUNTIME',
    `default_runtime_name in ${place} is ${name}, but that handler would be removed: ${after.location.unit} would not serve kubelet`,
    {
      exitCode: exitCodes.precondition,
      hint: `nothing was changed; set default_runtime_name to another handler, such as runc, in ${place}`,
      details: { file: place, handler: name },
    },
  );
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== '';
}

/** A foreign file may add keys to one of our handlers; where it overrides ours, no retry would help. */
function refuseOverride(after: ContainerdFacts, handler: Handler, context: EngineContext): void {
  const { name } = handler;
  if (covers(effectiveConfig(after).handlers[name], handlerTable(handler, after.loader))) return;
  const file = foreignFiles(after, context).findLast(({ value }) =>
    handlersIn(value).some(([each]) => each === name),
  );
  if (file === undefined) return;
  const keys = runtimesPaths.flatMap((path) => Object.keys(Object(getIn(file.value, [...path, name]))));
  throw new KataError(
    'KATA_ENGINE_HANDLER_TAKEN',
    `${file.path} overrides ${keys.join(', ')} of the handler ${name}, which belongs to this installation`,
    {
      exitCode: exitCodes.conflict,
      hint: `nothing was changed; remove the handler ${name} from ${file.path}, or install Kata with a suffix`,
      details: { file: file.path, handler: name },
    },
  );
}
