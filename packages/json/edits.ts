/** Finds the bytes that an edit must replace, and writes new ones in the style of those around them. */
import type { Node } from 'jsonc-parser';
import { endOf, findProperty, propertiesOf, type Property, type Syntax } from './syntax.ts';
import type { JsonObject, JsonPath, JsonValue } from './value.ts';

/** One piece of the text and its replacement. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** How the text is laid out. */
interface Style {
  readonly isOneLine: boolean;
  readonly newline: string;
  /** One step of indentation. */
  readonly step: string;
}

/** Into a text without any object. */
export function renderRoot({ text }: Syntax, value: JsonObject): Edit {
  const style = { ...styleOf(text), isOneLine: false };
  return { start: 0, end: text.length, text: `${render(value, style, '')}${style.newline}` };
}

export function replaceValue({ text }: Syntax, { value }: Property, wanted: JsonValue): Edit {
  const rendered = render(wanted, styleOf(text), indentAt(text, value.offset));
  return { start: value.offset, end: endOf(value), text: rendered };
}

/** Into the innermost existing object of the path. */
export function insertProperty(syntax: Syntax, root: Node, path: JsonPath, value: JsonValue): Edit {
  const { text } = syntax;
  let depth = path.length - 1;
  while (depth > 0 && findProperty(syntax, path.slice(0, depth)) === undefined) depth -= 1;
  const object = findProperty(syntax, path.slice(0, depth))?.value ?? root;
  const [name = '', ...below] = path.slice(depth);
  const wanted = below.reduceRight<JsonValue>((inner, each) => ({ [each]: inner }), value);
  const last = propertiesOf(object).at(-1);
  const style = styleOf(text);
  if (last === undefined) {
    const indent = indentAt(text, object.offset);
    const rendered = render({ [name]: wanted }, style, indent);
    return { start: object.offset, end: endOf(object), text: rendered };
  }
  const gap = gapBefore(text, last.key.offset);
  const colon = text.slice(endOf(last.key), last.value.offset);
  const ownStyle = { ...style, isOneLine: !gap.includes('\n') };
  const indent = gap.slice(gap.lastIndexOf('\n') + 1);
  const rendered = `${JSON.stringify(name)}${colon}${render(wanted, ownStyle, indent)}`;
  const end = endOf(last.value);
  return { start: end, end, text: `,${gap}${rendered}` };
}

/** With the comma that belongs to it. */
export function removeProperty(syntax: Syntax, path: JsonPath, { key, value }: Property): Edit {
  const object = path.length === 1 ? syntax.root : findProperty(syntax, path.slice(0, -1))?.value;
  const properties = object === undefined ? [] : propertiesOf(object);
  const at = properties.findIndex((property) => property.key.offset === key.offset);
  const [before, after] = [properties[at - 1], properties[at + 1]];
  if (after !== undefined) return { start: key.offset, end: after.key.offset, text: '' };
  if (before !== undefined) return { start: endOf(before.value), end: endOf(value), text: '' };
  return object === undefined
    ? { start: key.offset, end: endOf(value), text: '' }
    : { start: object.offset + 1, end: endOf(object) - 1, text: '' };
}

function render(value: JsonValue, { isOneLine, newline, step }: Style, indent: string): string {
  if (isOneLine) return JSON.stringify(value);
  return JSON.stringify(value, null, step).replaceAll('\n', `${newline}${indent}`);
}

function styleOf(text: string): Style {
  const [, step = '  '] = /\n([ \t]+)"/.exec(text) ?? [];
  const trimmed = text.trim();
  return {
    isOneLine: !trimmed.includes('\n') && /[^{}\s]/.test(trimmed),
    newline: text.includes('\r\n') ? '\r\n' : '\n',
    step,
  };
}

/** The white space between a key and what precedes it. */
function gapBefore(text: string, at: number): string {
  return /[ \t\r\n]*$/.exec(text.slice(0, at))?.[0] ?? '';
}

/** Of the line at this offset. */
function indentAt(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? '';
}
