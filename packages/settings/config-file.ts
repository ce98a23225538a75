/** Reads the configuration file: YAML, which includes JSON. */
import * as z from 'zod';
import { fieldList } from './model.ts';
import type { Problems } from './problems.ts';
import { type FileSource, readText } from './read-text.ts';

const hint = 'write it as YAML with lines "key: value", or as JSON';
const schema = z.record(z.string(), z.unknown()).nullable();

/** Values by key. Unknown keys and an unreadable or invalid file become problems. */
export async function readConfigFile(
  path: string,
  namedBy: string,
  source: FileSource,
): Promise<ReadonlyMap<string, unknown>> {
  const text = await readText(path, source, `${namedBy} names ${path}, which does not exist`);
  const content = text === undefined ? undefined : await parse(text, path, source.problems);
  const keys: readonly string[] = fieldList.flatMap(([key, field]) =>
    field.notInFile === true ? [] : [key],
  );
  const found = new Map(Object.entries(content ?? {}));
  for (const key of found.keys()) {
    if (keys.includes(key)) continue;
    source.problems.add(`${path}: there is no setting "${key}"`, `known are ${keys.join(', ')}`);
  }
  return found;
}

async function parse(text: string, path: string, problems: Problems): Promise<z.output<typeof schema>> {
  // Loaded only here, because most runs have no such file.
  const { LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    problems.add(`${path} is not valid YAML at line ${line}, column ${col}: ${error.message}`, hint);
    return null;
  }
  const content = schema.safeParse(toData(document));
  if (content.success) return content.data;
  problems.add(`${path} is not a mapping of settings`, hint);
  return null;
}

/** Undefined for recursive or unresolved aliases. */
function toData(document: { toJS(): unknown }): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}
