/** The facts about a host that planning needs, read once. */
import type { Host } from '@kata/host';
import type { EngineContext, EngineLocation, FileEdit } from '../contract.ts';
import { dropInDirectory, mainPath } from './own-files.ts';
import { compareDropIns, type CrioConfig, join, parseFile, readFiles } from './read-files.ts';

export interface CrioFacts extends CrioConfig {
  readonly location: EngineLocation;
}

export async function probe(host: Host, _version: string, context: EngineContext): Promise<CrioFacts> {
  const config = await readFiles(host.files, mainPath(context), dropInDirectory(context));
  return { ...config, location: context.location };
}

/** Pure. The facts as they will be after these edits. */
export function foresee(facts: CrioFacts, edits: readonly Pick<FileEdit, 'path' | 'after'>[]): CrioFacts {
  const edited = new Set(edits.map(({ path }) => path));
  const main = mainPath(facts);
  const left = {
    files: facts.files.filter(({ path }) => !edited.has(path)),
    problems: facts.problems.filter(({ file }) => !edited.has(file)),
  };
  const written = edits.flatMap(({ path, after }) => (after === undefined ? [] : [parseFile(path, after)]));
  const { files, problems } = join([left, ...written]);
  const order = (path: string): number => (path === main ? 0 : 1);
  return {
    location: facts.location,
    problems,
    files: files.toSorted((a, b) => order(a.path) - order(b.path) || compareDropIns(a.path, b.path)),
  };
}
