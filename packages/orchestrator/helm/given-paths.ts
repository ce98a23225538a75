/** Which values a list like `a.b=1,c[0]=x` sets, in the syntax of `helm upgrade --set`. */
import { exitCodes, KataError } from '@kata/core';
import type { ValuePath } from './value-path.ts';

/** Helm's own parser reads the values; here only the names count. */
export function givenPaths(list: string): readonly ValuePath[] {
  const reader = new Reader(list);
  const paths: ValuePath[] = [];
  while (!reader.isAtEnd) paths.push(readPair(reader));
  return paths;
}

function readPair(reader: Reader): ValuePath {
  const path: (string | number)[] = [];
  for (;;) {
    const { text, end } = reader.readUntil('=[,.');
    if (text !== '') path.push(text);
    if (end === '[') {
      path.push(readIndex(reader));
      continue;
    }
    if (end === '.') continue;
    if (end === '=' && path.length > 0) break;
    throw new KataError('KATA_HELM_SET_VALUES', `helm-set-values: "${text}" has no value`, {
      exitCode: exitCodes.usage,
      hint: 'write name=value, separated by commas; a comma within a value is written as \\,',
    });
  }
  skipValue(reader);
  return path;
}

function readIndex(reader: Reader): number {
  const { text, end } = reader.readUntil(']');
  if (end === ']' && /^\d+$/.test(text)) return Number(text);
  throw new KataError('KATA_HELM_SET_VALUES', `helm-set-values: "${text}" is not a valid index of a list`, {
    exitCode: exitCodes.usage,
    hint: 'write name[0]=value',
  });
}

function skipValue(reader: Reader): void {
  if (!reader.skip('{')) {
    reader.readUntil(',');
    return;
  }
  reader.readUntil('}');
  reader.skip(',');
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Without its escapes; `end` is the character that ended it, undefined at the end of the text. */
  readUntil(stops: string): { readonly text: string; readonly end: string | undefined } {
    let text = '';
    while (!this.isAtEnd) {
      let character = this.#text[this.#at++] ?? '';
      if (stops.includes(character)) return { text, end: character };
      if (character === '\\') character = this.#text[this.#at++] ?? '';
      text += character;
    }
    return { text, end: undefined };
  }
}
