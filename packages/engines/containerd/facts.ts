/** The facts about a host that planning needs, read once. */
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import type { EngineContext, EngineLocation, FileEdit } from '../contract.ts';
import { findStartProblems } from './check-start.ts';
import { findTypeProblems } from './check-types.ts';
import { matchesGlob } from './go-glob.ts';
import { dropInPaths, dropInsPattern, ourDropIns, userDropInPaths } from './own-files.ts';
import { type ConfigFile, type ConfigProblem, type LoadedConfig, resolveConfig } from './resolve-config.ts';
import { emptySnapshot, readMore, type Snapshot, withEdits } from './snapshot.ts';
import { findMainPath } from './unit-command.ts';

export interface ContainerdFacts extends LoadedConfig {
  readonly snapshot: Snapshot;
  readonly engineVersion: string;
  readonly location: EngineLocation;
  /** What its decoder refuses according to our own checks; its own loader has the final word. */
  readonly typeProblems: readonly ConfigProblem[];
  /** What containerd's decoder, and so its `config dump`, accepts, but its start refuses. */
  readonly startProblems: readonly ConfigProblem[];
  /** The version in the main file; undefined when it has none or does not exist. */
  readonly schema: number | undefined;
  /** The current text of every existing file that may be changed. */
  readonly texts: ReadonlyMap<HostPath, string>;
  /** The main file that containerd's unit names; undefined when systemd reports none, `unknown` when we cannot read it. */
  readonly unitConfig: HostPath | 'unknown' | undefined;
}

function mainPath({ location, configFileName = 'config.toml' }: EngineContext): HostPath {
  return `${location.configDirectory}/${configFileName}`;
}

export async function probe(host: Host, version: string, context: EngineContext): Promise<ContainerdFacts> {
  const main = mainPath(context);
  const { location, prefix } = context;
  const seen = [location.configDirectory, prefix];
  const ours = ownPaths(main, context);
  const first = { files: ours, patterns: [dropInsPattern(context)] };
  let snapshot = await readMore(host, emptySnapshot, first, seen);
  let { config, unread } = resolveConfig(snapshot, version, main);
  while (unread.files.length + unread.patterns.length > 0) {
    snapshot = await readMore(host, snapshot, unread, seen);
    ({ config, unread } = resolveConfig(snapshot, version, main, config.files));
  }
  for (const path of ours) {
    const content = snapshot.contents.get(path);
    if (content?.kind === 'unreadable') throw new KataError('KATA_ENGINE_CONFIG_TOML', content.reason);
    if (content?.kind === 'hidden' && path === main) throw hiddenFile(path);
  }
  const unitConfig = await readUnitConfig(host, location.unit);
  return toFacts(snapshot, config, ours, { engineVersion: version, location, unitConfig });
}

/** An edit would change a file in our own container, which no engine reads. */
function hiddenFile(path: HostPath): KataError {
  return new KataError(
    'KATA_ENGINE_CONFIG_HIDDEN',
    `${path} is a link to a path that is not mounted into this container`,
    {
      exitCode: exitCodes.precondition,
      hint: 'replace the link with a file, or run "kata-deploy install" directly on the node',
      details: { file: path },
    },
  );
}

/** Pure. The facts as they will be after these edits. */
export function foresee(
  facts: ContainerdFacts,
  edits: readonly Pick<FileEdit, 'path' | 'after'>[],
): ContainerdFacts {
  const snapshot = withEdits(facts.snapshot, edits);
  const { config } = resolveConfig(snapshot, facts.engineVersion, facts.mainPath, facts.files);
  const paths = [...facts.texts.keys(), ...edits.map(({ path }) => path)];
  return toFacts(snapshot, config, paths, facts);
}

function toFacts(
  snapshot: Snapshot,
  config: LoadedConfig,
  ours: readonly HostPath[],
  { engineVersion, location, unitConfig }: Pick<ContainerdFacts, 'engineVersion' | 'location' | 'unitConfig'>,
): ContainerdFacts {
  const texts = new Map(config.files.map((file) => [file.path, file.text]));
  for (const path of ours) {
    const content = snapshot.contents.get(path);
    if (content?.kind === 'text') texts.set(path, content.text);
  }
  const schema = config.files.find((file) => file.path === config.mainPath)?.schema;
  const typeProblems = config.problems.length > 0 ? [] : findTypeProblems(config);
  const startProblems = findStartProblems(config);
  return {
    ...config,
    typeProblems,
    startProblems,
    snapshot,
    engineVersion,
    location,
    schema,
    texts,
    unitConfig,
  };
}

function ownPaths(main: HostPath, context: EngineContext): readonly HostPath[] {
  const owned = context.owned.map((file) => file.path);
  return [...new Set([main, ...dropInPaths(context), ...userDropInPaths(context), ...owned])];
}

/** The files that containerd would read without us. */
export function foreignFiles(facts: LoadedConfig, context: EngineContext): readonly ConfigFile[] {
  const ours = ourDropIns(context);
  return facts.files.filter((file) => !ours.includes(file.path));
}

export function imports(file: Pick<ConfigFile, 'imports'>, path: HostPath): boolean {
  return file.imports.some(
    (pattern) => pattern === path || (pattern.includes('*') && matchesGlob(pattern, path) === true),
  );
}

async function readUnitConfig(host: Host, unit: string): Promise<ContainerdFacts['unitConfig']> {
  try {
    const { command, ...start } = (await host.units.state(unit)) ?? {};
    return command === undefined ? undefined : await findMainPath(host, { ...start, command });
  } catch (error) {
    // Not fatal here: a later step that needs systemd reports the error.
    if (error instanceof KataError) return undefined;
    throw error;
  }
}
