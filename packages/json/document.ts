/** A JSON text that can be changed without touching anything else in it. */
import { KataError } from '@kata/core';
import { type Edit, insertProperty, removeProperty, replaceValue, renderRoot } from './edits.ts';
import { findProperty, parseSyntax, type Syntax } from './syntax.ts';
import {
  deleteIn,
  getIn,
  isEqualValue,
  isObject,
  type JsonObject,
  type JsonPath,
  type JsonValue,
  setIn,
} from './value.ts';

/**
 * Immutable; every edit returns another document. An edit replaces as few bytes as possible, and proves by parsing its
 * result that only the requested value has changed. Otherwise it throws `KATA_JSON_EDIT`.
 */
export class JsonDocument {
  readonly #syntax: Syntax;
  readonly #file: string;

  private constructor(syntax: Syntax, file: string) {
    this.#syntax = syntax;
    this.#file = file;
  }

  /** `file` names the text in errors. Throws `KATA_JSON_PARSE`, also for comments and for a value that is not an object. */
  static parse(text: string, file = 'the text'): JsonDocument {
    return new JsonDocument(parseSyntax(text, file), file);
  }

  get text(): string {
    return this.#syntax.byteOrderMark + this.#syntax.text;
  }

  get value(): JsonObject {
    return this.#syntax.value;
  }

  get(path: JsonPath): JsonValue | undefined {
    return getIn(this.value, path);
  }

  /** A new key is the last of its object, in the style of the one before it; in an existing object only differences change. */
  set(path: JsonPath, value: JsonValue): JsonDocument {
    const present = this.get(path);
    if (isEqualValue(present, value)) return this;
    if (isObject(present) && isObject(value)) return this.#changeObject(path, present, value);
    const expected = setIn(this.value, path, value);
    if (expected === undefined) throw this.#refusal(path, new Error('a parent key is not an object'));
    const { root } = this.#syntax;
    if (root === undefined) return this.#edit(path, expected, renderRoot(this.#syntax, expected));
    const property = findProperty(this.#syntax, path);
    const edit =
      property === undefined
        ? insertProperty(this.#syntax, root, path, value)
        : replaceValue(this.#syntax, property, value);
    return this.#edit(path, expected, edit);
  }

  /** Parent objects stay, even when they become empty. */
  delete(path: JsonPath): JsonDocument {
    const property = findProperty(this.#syntax, path);
    if (property === undefined) return this;
    const expected = deleteIn(this.value, path);
    const edited = this.#apply(path, removeProperty(this.#syntax, path, property));
    // A key may occur twice.
    const rest = new JsonDocument(edited, this.#file).delete(path);
    if (!isEqualValue(rest.value, expected)) throw this.#refusal(path);
    return rest;
  }

  #changeObject(path: JsonPath, present: JsonObject, wanted: JsonObject): JsonDocument {
    const surplus = Object.keys(present).filter((name) => !Object.hasOwn(wanted, name));
    const filled = Object.entries(wanted).reduce<JsonDocument>(
      (document, [name, value]) => document.set([...path, name], value),
      this,
    );
    return surplus.reduce((document, name) => document.delete([...path, name]), filled);
  }

  #edit(path: JsonPath, expected: JsonObject, edit: Edit): JsonDocument {
    const edited = this.#apply(path, edit);
    if (!isEqualValue(edited.value, expected)) throw this.#refusal(path);
    return new JsonDocument(edited, this.#file);
  }

  #apply(path: JsonPath, { start, end, text }: Edit): Syntax {
    const { byteOrderMark, text: before } = this.#syntax;
    try {
      return parseSyntax(byteOrderMark + before.slice(0, start) + text + before.slice(end), this.#file);
    } catch (error) {
      throw this.#refusal(path, error);
    }
  }

  #refusal(path: JsonPath, cause?: unknown): KataError {
    const name = path.join('.');
    return new KataError(
      'KATA_JSON_EDIT',
      `cannot change ${name} in ${this.#file} without changing other keys`,
      {
        details: { file: this.#file, path },
        hint: `change ${name} in ${this.#file} manually`,
        ...(cause === undefined ? {} : { cause }),
      },
    );
  }
}
