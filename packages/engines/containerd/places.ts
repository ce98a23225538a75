/** Where in a drop-in handlers can be said beside the files of others, the best first. */
import type { EngineContext } from '../contract.ts';
import { effectiveSchema } from './effective-config.ts';
import { type ContainerdFacts, foreignFiles } from './facts.ts';

export interface Place {
  /** What the drop-in gives as its version. */
  readonly version: number;
  /** The schema whose names its tables have. */
  readonly names: number;
}

/**
 * Containerd 2.0 to 2.2 merges its files before it migrates them, so the last version given counts for all, and tables
 * with the names of schema 3 hide those of schema 2: a drop-in speaks as the files of others do, or as they happen to be
 * understood. From 2.3 on each file is read by itself; the lower of the main file's schema and 3 is understood also after
 * a step back to 2.2, and some versions take no more than the first file that says one.
 */
export function placesFor(facts: ContainerdFacts, context: EngineContext): readonly Place[] {
  const { loader, schema = 0 } = facts;
  if (loader.migratesEachFile) {
    const best = schema < 2 ? 3 : Math.min(schema, 3);
    return [...new Set([best, 3, 2, 1, 4])].map((version) => ({ version, names: version }));
  }
  const theirs = effectiveSchema(loader, foreignFiles(facts, context));
  const other = theirs === 2 ? 3 : 2;
  return [
    { version: theirs, names: theirs },
    { version: theirs, names: other },
    { version: other, names: 3 },
    { version: other, names: 2 },
  ];
}
