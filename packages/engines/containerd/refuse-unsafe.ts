/** Refuses to change a configuration that would not do what is wanted afterwards. */
import { exitCodes, KataError } from '@kata/core';
import { getIn, isArray, isTable } from '@kata/toml';
import type { EngineContext, Handler } from '../contract.ts';
import { type ContainerdFacts, dropInPaths, foreignFiles } from './facts.ts';
import { isOurHandler, shimKeys } from './handler-table.ts';
import { criNames, runtimesPaths } from './loaders.ts';
import type { ConfigProblem } from './resolve-config.ts';

export function refuseUnsafe(
  facts: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): void {
  refuseProblem(foreignProblems(facts, context));
  refuseDisabledCri(facts, context);
  for (const handler of handlers) refuseTakenName(facts, handler, context);
}

/** What is wrong with our own drop-in is put right by the plan. */
function foreignProblems(facts: ContainerdFacts, context: EngineContext): readonly ConfigProblem[] {
  const ours = dropInPaths(context);
  return facts.problems.filter(({ file, missing }) => !ours.includes(missing ?? file));
}

function refuseProblem(problems: readonly ConfigProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new KataError(first.code, first.message, {
    hint: first.hint,
    exitCode: exitCodes.precondition,
    details: { file: first.file, problems: problems.map((problem) => problem.message) },
  });
}

function refuseDisabledCri(facts: ContainerdFacts, context: EngineContext): void {
  for (const { path, value } of foreignFiles(facts, context)) {
    const disabled = value['disabled_plugins'];
    const name = criNames.find((each) => isArray(disabled) && disabled.includes(each));
    if (name === undefined) continue;
    throw new KataError('KATA_ENGINE_CRI_DISABLED', `${path} disables containerd's interface for kubelet`, {
      hint: `remove "${name}" from disabled_plugins in ${path}`,
      exitCode: exitCodes.precondition,
      details: { file: path },
    });
  }
}

function refuseTakenName(facts: ContainerdFacts, { name }: Handler, context: EngineContext): void {
  for (const { path, value } of foreignFiles(facts, context)) {
    const taken = runtimesPaths
      .map((runtimes) => getIn(value, [...runtimes, name]))
      .find((table) => isTable(table) && shimKeys.some((key) => Object.hasOwn(table, key)));
    if (taken === undefined || isOurHandler(taken, context.prefix)) continue;
    throw new KataError(
      'KATA_ENGINE_HANDLER_TAKEN',
      `${path} defines the handler ${name} with another shim`,
      {
        hint: `remove the handler ${name} from ${path}, or install Kata with a suffix`,
        exitCode: exitCodes.conflict,
        details: { file: path, handler: name },
      },
    );
  }
}
