/** The versions and sections that a drop-in with handlers can use next to foreign files, the best first. */
import type { EngineContext } from '../contract.ts';
import { effectiveSchema } from './effective-config.ts';
import { type ContainerdFacts, foreignFiles } from './facts.ts';

export interface Place {
  /** The version in the drop-in. */
  readonly version: number;
  /** The schema whose names its tables use. */
  readonly names: number;
}

/**
 * Containerd 2.0 to 2.2 merges its files before it migrates them, so the last version in a file counts for all, and tables
 * with the names of schema 3 hide those of schema 2: a drop-in uses the version and names of the foreign files, or those
 * that containerd reads them with. From 2.3 on each file is read separately; the lower of the main file's schema and 3
 * also works after a downgrade to 2.2, and some versions refuse a version above that of the first file with one.
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
