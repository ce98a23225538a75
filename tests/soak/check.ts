/** PURE: finds what is wrong with a node as observed after a step. */
import { isDeepStrictEqual } from 'node:util';
import { kataPods, mustServe, type NodeModel, settings } from './model.ts';
import { runtimesOf } from './other-program.ts';

type Table = Readonly<Record<string, unknown>>;

export interface Observation {
  /** InvocationID of the engine's unit: a new one at each start. */
  readonly invocation: string;
  /** What the engine would load now, without our handlers. */
  readonly foreign: Table;
  /** The same for the files that only the other program edits. */
  readonly wanted: Table;
  /** Names of the handlers and runtimes that the running engine serves. */
  readonly served: readonly string[];
  readonly verify: { readonly exitCode: number; readonly output: string };
  readonly tree: readonly string[];
  /** Our labels of the node object. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Inspection {
  readonly now: Observation;
  readonly model: NodeModel;
  /** Foreign runtimes that the engine has loaded. */
  readonly loaded: readonly string[];
  /** `/etc` and `/opt` as they would be without Kata. */
  readonly treeWithoutUs: readonly string[];
}

const [shared, mark, handlerPrefix] = [
  'katacontainers.io/kata-runtime',
  'kata-deploy.katacontainers.io/default',
  'handler.katacontainers.io/',
];

export function findProblems(inspection: Inspection): readonly string[] {
  return [
    ...wrongSettings(inspection),
    ...wrongHandlers(inspection),
    ...wrongLabels(inspection),
    ...wrongState(inspection),
  ];
}

function wrongSettings({ now, model }: Inspection): readonly string[] {
  const isDebug = model.current?.settings === 'debug';
  const [foreign, wanted] = [now.foreign, now.wanted].map((table) => withoutOurs(table, isDebug));
  if (isDeepStrictEqual(foreign, wanted)) return [];
  return [`foreign settings are not active: ${firstDifference(foreign, wanted, 'config')}`];
}

/** With `DEBUG` the installer changes the engine's log level. */
function withoutOurs(table: Table, isDebug: boolean): Table {
  const { debug: _, ...rest } = table;
  return isDebug ? rest : table;
}

function firstDifference(found: unknown, wanted: unknown, path: string): string {
  const isTable = (value: unknown): value is Table =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isTable(found) || !isTable(wanted)) {
    return `${path} is ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`;
  }
  const key = [...Object.keys(wanted), ...Object.keys(found)].find(
    (name) => !isDeepStrictEqual(found[name], wanted[name]),
  );
  return key === undefined ? path : firstDifference(found[key], wanted[key], `${path}.${key}`);
}

function wrongHandlers({ now, model, loaded }: Inspection): readonly string[] {
  const missing = [...mustServe(model), ...loaded].filter((name) => !now.served.includes(name));
  return missing.map((name) => `the engine does not serve ${name}`);
}

function wrongLabels({ now: { labels, served }, model }: Inspection): readonly string[] {
  const isServed = (key: string): boolean =>
    key.startsWith(handlerPrefix)
      ? served.includes(key.slice(handlerPrefix.length))
      : served.some((name) => name.startsWith('kata-'));
  const lies = Object.entries(labels)
    .filter(([key, value]) => value === 'true' && !isServed(key))
    .map(([key]) => `label ${key} is true, but nothing is served`);
  const missing = neededLabels(model)
    .filter((key) => labels[key] !== 'true')
    .map((key) => `label ${key} is ${labels[key] ?? 'absent'} and should be true`);
  const isAbsent = model.current === undefined;
  const left = isAbsent ? Object.keys(labels).map((key) => `label ${key} was left behind`) : [];
  return [...lies, ...missing, ...left];
}

/** While a removal waits, only those in the node selectors of its pods. */
function neededLabels(model: NodeModel): readonly string[] {
  if (model.current === undefined) return [];
  const handlers = mustServe(model).map((name) => `${handlerPrefix}${name}`);
  if (model.isPending && kataPods(model).length === 0) return [];
  return [shared, mark, ...handlers];
}

function wrongState({ now, model, treeWithoutUs }: Inspection): readonly string[] {
  const { exitCode, output } = now.verify;
  if (model.current === undefined) {
    const differences = compareNodes(now.tree, treeWithoutUs, model);
    return [
      ...(differences.length > 0
        ? [`the node differs from its state without Kata:\n${differences.join('\n')}`]
        : []),
      ...(exitCode === 3
        ? []
        : [`verify failed with exit code ${exitCode} where nothing is installed:\n${output}`]),
    ];
  }
  if (model.isPending || exitCode === 0) return [];
  return [`verify failed with exit code ${exitCode}:\n${output}`];
}

/** Ignores a folder that both programs used: either may remove it when it is empty. */
export function compareNodes(
  found: readonly string[],
  wanted: readonly string[],
  { sharesConfD }: Pick<NodeModel, 'sharesConfD'>,
): readonly string[] {
  const isShared = (line: string): boolean => sharesConfD && / etc\/containerd\/conf\.d d /.test(line);
  return compareTrees(found, wanted).filter((line) => !isShared(line));
}

export function compareTrees(found: readonly string[], wanted: readonly string[]): readonly string[] {
  const [there, expected] = [new Set(found), new Set(wanted)];
  return [
    ...found.filter((line) => !expected.has(line)).map((line) => `found ${line}`),
    ...wanted.filter((line) => !there.has(line)).map((line) => `missing ${line}`),
  ];
}

/** Foreign runtimes that the engine must have loaded. */
export function loadedAfter(
  before: readonly string[],
  { edits }: NodeModel,
  hasStarted: boolean,
): readonly string[] {
  const there = edits.flatMap(runtimesOf);
  return hasStarted ? there : before.filter((name) => there.includes(name));
}

/** Whether a repeated installation has to restart the engine, to remove a handler. */
export function hasUnusedHandlers({ current }: NodeModel, served: readonly string[]): boolean {
  const wanted: readonly string[] = current === undefined ? [] : settings[current.settings].handlers;
  return served.some((name) => name.startsWith('kata-') && !wanted.includes(name));
}
