/** Prints keys, values and whole new documents; never used on existing text. */
import { isArray, isTable, TomlDateTime, type TomlPath, type TomlTable, type TomlValue } from './value.ts';

const bareKey = /^[A-Za-z0-9_-]+$/;

export function renderPath(path: TomlPath): string {
  return path.map((name) => (bareKey.test(name) ? name : renderString(name))).join('.');
}

/** On one line; a table becomes an inline table. */
export function renderValue(value: TomlValue): string {
  if (value instanceof TomlDateTime) return value.text;
  if (isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  if (isTable(value)) {
    const pairs = Object.entries(value).map(([name, item]) => renderPair([name], item));
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  if (typeof value === 'string') return renderString(value);
  if (typeof value === 'number') return renderNumber(value);
  return String(value);
}

export function renderPair(path: TomlPath, value: TomlValue): string {
  return `${renderPath(path)} = ${renderValue(value)}`;
}

/** A table and its subtables, each with its own header, separated by empty lines; no final newline. */
export function renderTables(path: TomlPath, table: TomlTable): string {
  const pairs: string[] = [];
  const children: string[] = [];
  for (const [name, value] of Object.entries(table)) {
    if (isTable(value)) children.push(renderTables([...path, name], value));
    else pairs.push(renderPair([name], value));
  }
  // A header without keys above those of its children is redundant.
  const needsHeader = path.length > 0 && (pairs.length > 0 || children.length === 0);
  const own = [...(needsHeader ? [`[${renderPath(path)}]`] : []), ...pairs];
  return [...(own.length === 0 ? [] : [own.join('\n')]), ...children].join('\n\n');
}

/** A whole new text; `comment` becomes its first lines. */
export function renderDocument(table: TomlTable, comment?: string): string {
  const head = comment === undefined ? '' : `${comment.replace(/^/gm, '# ')}\n`;
  const body = renderTables([], table);
  return body === '' ? head : `${head}${body}\n`;
}

function renderString(text: string): string {
  // JSON escapes everything that TOML requires, except DEL.
  return JSON.stringify(text).replaceAll('\u007F', String.raw`\u007F`);
}

function renderNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  // Beyond the safe range a whole number is a float; an integer there is a bigint.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
  return String(value);
}
