/** Refuses handlers before any change where the result would not serve them. Pure. */
import { exitCodes, KataError } from '@kata/core';
import type { Handler } from '@kata/kata';
import type { EngineContext } from '../contract.ts';
import type { CrioFacts } from './facts.ts';
import { usesOurFiles } from './handler-table.ts';
import { dropInPath } from './own-files.ts';
import { handlersIn, isOwnHandler } from './own-handlers.ts';

/** @throws KataError `KATA_ENGINE_…` */
export function refuseUnsafe(facts: CrioFacts, handlers: readonly Handler[], context: EngineContext): void {
  refuseProblems(facts, context);
  for (const handler of handlers) refuseTakenName(facts, handler, context);
}

/** CRI-O would not start again. */
function refuseProblems({ problems, location }: CrioFacts, context: EngineContext): void {
  const [first] = problems.filter(({ file }) => file !== dropInPath(context));
  if (first === undefined) return;
  throw new KataError('KATA_ENGINE_CONFIG_TOML', `${location.unit} would not start again: ${first.message}`, {
    exitCode: exitCodes.precondition,
    hint: `correct or remove ${first.file}; CRI-O reads every file in that directory, whatever its name`,
    details: { file: first.file, problems: problems.map(({ message }) => message) },
  });
}

/** A later file replaces the whole handler, an earlier one would be replaced by ours. */
function refuseTakenName({ files }: CrioFacts, { name }: Handler, context: EngineContext): void {
  for (const { path, value } of files) {
    const taken = handlersIn(value).find(([each]) => each === name)?.[1];
    if (taken === undefined || isOwnHandler(path, name, taken, context)) continue;
    if (path === dropInPath(context) && usesOurFiles(taken, context.prefix)) continue;
    throw new KataError('KATA_ENGINE_HANDLER_TAKEN', `${path} already defines the handler ${name}`, {
      exitCode: exitCodes.conflict,
      hint: `remove the handler ${name} from ${path}, or install Kata with a suffix`,
      details: { file: path, handler: name },
    });
  }
}
