/** Refuses to edit a configuration that would not have the desired effect afterwards. */
import { posix } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import type { Handler } from '@kata/kata';
import { getIn, isArray, isTable } from '@kata/toml';
import type { EngineContext } from '../contract.ts';
import { type ContainerdFacts, foreignFiles } from './facts.ts';
import { dropInPaths, dropInsPattern, ourDropIns, userDropInPaths } from './own-files.ts';
import { shimKeys, usesOurFiles } from './handler-table.ts';
import { criNames, runtimesPaths } from './loaders.ts';
import { isOwnHandler } from './ownership.ts';
import { refuseUserDropIn } from './refuse-user-drop-in.ts';
import type { ConfigProblem } from './resolve-config.ts';

export function refuseUnsafe(
  facts: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): void {
  refuseUnread(facts, context);
  refuseHidden(facts);
  refuseProblem(foreignProblems(facts, context));
  refuseStrays(facts, context);
  refuseDisabledCri(facts, context);
  refuseSnapshotters(facts, handlers);
  for (const handler of handlers) refuseTakenName(facts, handler, context);
  if (handlers.some((handler) => handler.name === 'untrusted')) refuseTakenUntrusted(facts, context);
  if (context.userDropIn !== undefined) refuseUserDropIn(facts, context.userDropIn, handlers, context);
}

/** Before 2.3 the version of one file decides how the others are read. */
function refuseHidden({ hidden, loader, engineVersion, location }: ContainerdFacts): void {
  const [first] = hidden;
  if (first === undefined || loader.migratesEachFile) return;
  throw new KataError(
    'KATA_ENGINE_CONFIG_HIDDEN',
    `${first.importedBy} imports ${first.path}, which is not mounted into this container, but containerd ${engineVersion} merges all its files`,
    {
      hint: `import it from a directory below ${location.configDirectory}, or run "kata-deploy install" directly on the node`,
      exitCode: exitCodes.precondition,
      details: { file: first.importedBy, hidden: hidden.map(({ path }) => path) },
    },
  );
}

/** The plan repairs problems of our own drop-in. */
function foreignProblems(facts: ContainerdFacts, context: EngineContext): readonly ConfigProblem[] {
  const ours = ourDropIns(context);
  return facts.problems.filter(({ file, missing }) => !ours.includes(missing ?? file));
}

/** Reports the first one. */
export function refuseProblem(problems: readonly ConfigProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new KataError(first.code, first.message, {
    hint: first.hint,
    exitCode: exitCodes.precondition,
    details: { file: first.file, problems: problems.map((problem) => problem.message) },
  });
}

/** We import all files of our directory: a foreign one that is not read yet would change the configuration. */
function refuseStrays(facts: ContainerdFacts, context: EngineContext): void {
  const found = facts.snapshot.globs.get(dropInsPattern(context));
  const known = [
    ...dropInPaths(context),
    ...userDropInPaths(context),
    ...facts.files.map(({ path }) => path),
  ];
  const stray = (found === 'hidden' ? [] : (found ?? [])).find((path) => !known.includes(path));
  if (stray === undefined || facts.loader.handlersIn === 'main file') return;
  throw new KataError(
    'KATA_ENGINE_STRAY_DROP_IN',
    `the foreign file ${stray} is in the drop-in directory of this installation, but containerd does not read it yet`,
    {
      hint: `remove it, or move it to a directory that ${facts.mainPath} imports`,
      exitCode: exitCodes.conflict,
      details: { file: stray },
    },
  );
}

function refuseDisabledCri(facts: ContainerdFacts, context: EngineContext): void {
  for (const { path, value } of foreignFiles(facts, context)) {
    const disabled = value['disabled_plugins'];
    const name = criNames.find((each) => isArray(disabled) && disabled.includes(each));
    if (name === undefined) continue;
    throw new KataError(
      'KATA_ENGINE_CRI_DISABLED',
      `${path} disables the CRI plugin of containerd, which kubelet needs`,
      {
        hint: `remove "${name}" from disabled_plugins in ${path}`,
        exitCode: exitCodes.precondition,
        details: { file: path },
      },
    );
  }
}

function refuseTakenName(facts: ContainerdFacts, { name }: Handler, context: EngineContext): void {
  for (const { path, value } of foreignFiles(facts, context)) {
    const taken = runtimesPaths
      .map((runtimes) => getIn(value, [...runtimes, name]))
      .find((table) => isTable(table) && shimKeys.some((key) => Object.hasOwn(table, key)));
    if (taken === undefined || isOwnHandler(path, name, taken, context)) continue;
    throw new KataError(
      'KATA_ENGINE_HANDLER_TAKEN',
      usesOurFiles(taken, context.prefix)
        ? `${path} already defines the handler ${name}`
        : `${path} defines the handler ${name} with another shim`,
      {
        hint: `remove the handler ${name} from ${path}, or install Kata with a suffix`,
        exitCode: exitCodes.conflict,
        details: { file: path, handler: name },
      },
    );
  }
}

/** An edit of a file that containerd does not read would look like success. */
function refuseUnread(
  { location: { configDirectory, unit }, mainPath, unitConfig }: ContainerdFacts,
  { isConfigFileGiven }: EngineContext,
): void {
  if (unitConfig === undefined || unitConfig === mainPath) return;
  if (unitConfig === 'unknown') {
    if (isConfigFileGiven === true) return;
    throw new KataError(
      'KATA_ENGINE_CONFIG_UNREAD',
      `${unit} reads variables from a file that is not mounted into this container: containerd may not read ${mainPath}`,
      {
        hint: `set CONTAINERD_CONFIG_FILE_NAME (value containerd.configFileName) to the name of the file that containerd reads, even if that is ${posix.basename(mainPath)}`,
        exitCode: exitCodes.precondition,
        details: { file: mainPath },
      },
    );
  }
  throw new KataError(
    'KATA_ENGINE_CONFIG_UNREAD',
    `${unit} starts containerd with ${unitConfig}, not with ${mainPath}`,
    {
      hint: `set CONTAINERD_CONFIG_FILE_NAME (value containerd.configFileName) to the file in ${configDirectory} that ${unit} names with --config`,
      exitCode: exitCodes.precondition,
      details: { file: mainPath, read: unitConfig },
    },
  );
}

function refuseSnapshotters(facts: ContainerdFacts, handlers: readonly Handler[]): void {
  const mapped = handlers.filter((handler) => handler.snapshotter !== undefined);
  if (facts.loader.handlersHaveSnapshotters || mapped.length === 0) return;
  const names = mapped.map((handler) => handler.name).join(', ');
  throw new KataError(
    'KATA_ENGINE_SNAPSHOTTER',
    `containerd ${facts.engineVersion} supports only one snapshotter for all handlers, but one is set for ${names}`,
    {
      hint: 'use containerd 1.7 or newer, or unset the snapshotter',
      exitCode: exitCodes.precondition,
      details: { handlers: mapped.map((handler) => handler.name) },
    },
  );
}

/** Before 2.0 it is another name for the same runtime, and both together stop containerd's CRI plugin. */
function refuseTakenUntrusted(facts: ContainerdFacts, context: EngineContext): void {
  for (const { path, value } of foreignFiles(facts, context)) {
    const places = runtimesPaths.map((runtimes) => [...runtimes.slice(0, -1), 'untrusted_workload_runtime']);
    const isSet = places.some((place) =>
      ['runtime_type', 'runtime_engine'].some(
        (key) => ![undefined, ''].includes(getIn(value, [...place, key]) as ''),
      ),
    );
    if (!isSet) continue;
    throw new KataError(
      'KATA_ENGINE_HANDLER_TAKEN',
      `${path} already sets a runtime for untrusted pods: untrusted_workload_runtime`,
      {
        hint: `remove untrusted_workload_runtime from ${path}, or unset KATA_UNTRUSTED_SHIM (value containerd.untrustedShim)`,
        exitCode: exitCodes.conflict,
        details: { file: path, handler: 'untrusted' },
      },
    );
  }
}
