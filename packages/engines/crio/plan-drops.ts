/** Plans the removal of some of our handlers. Pure. */
import { TomlDocument } from '@kata/toml';
import type { EngineContext, FileEdit } from '../contract.ts';
import { runtimesPath } from './effective-config.ts';
import type { CrioFacts } from './facts.ts';
import { ownHandlers } from './own-handlers.ts';
import { restoreText } from './restore-text.ts';

/** Everything else stays as it is, also in the remaining handlers. */
export function planDrops(
  { files }: CrioFacts,
  names: readonly string[],
  context: EngineContext,
): readonly FileEdit[] {
  return files.flatMap((file): FileEdit[] => {
    const dropped = ownHandlers(file, context).filter(([name]) => names.includes(name));
    if (dropped.length === 0) return [];
    const { path, text } = file;
    const after = dropped.reduce(
      (edited, [name]) => edited.delete([...runtimesPath, name]),
      TomlDocument.parse(text, path),
    );
    return [{ path, before: text, after: after.text, original: restoreText(text, context) }];
  });
}
