/** Which schema a drop-in must speak beside the files of others. */
import type { EngineContext } from '../contract.ts';
import { effectiveSchema } from './effective-config.ts';
import { type ContainerdFacts, foreignFiles } from './facts.ts';

/**
 * Containerd 2.0 to 2.2 merges its files before it migrates them, so a drop-in must speak their schema. From 2.3 on the
 * lower of the main file's schema and 3 is understood, also after a step back to 2.2.
 */
export function dropInSchema(facts: ContainerdFacts, context: EngineContext): number {
  if (!facts.loader.migratesEachFile) return effectiveSchema(facts.loader, foreignFiles(facts, context));
  return facts.schema === undefined || facts.schema < 2 ? 3 : Math.min(facts.schema, 3);
}
