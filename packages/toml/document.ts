/** A TOML text that can be changed without touching anything else in it. */
import { KataError } from '@kata/core';
import { appendItem, removeItem } from './array-items.ts';
import { insertValue } from './insert-value.ts';
import { removeValue } from './remove-value.ts';
import { renderPath, renderValue } from './render.ts';
import { applySplices, type Splice } from './splice.ts';
import { findPair, parseSyntax, type Syntax } from './syntax.ts';
import {
  deleteIn,
  getIn,
  isArray,
  isEqualValue,
  isTable,
  pruneAbove,
  setIn,
  type TomlPath,
  type TomlTable,
  type TomlValue,
} from './value.ts';

/**
 * Immutable; every edit returns another document. An edit replaces as few bytes as possible, and proves by parsing its
 * result that only the requested value has changed. Otherwise it throws `KATA_TOML_EDIT`.
 */
export class TomlDocument {
  readonly #syntax: Syntax;
  readonly #file: string;

  private constructor(syntax: Syntax, file: string) {
    this.#syntax = syntax;
    this.#file = file;
  }

  /** `file` names the text in errors. Throws `KATA_TOML_PARSE`. */
  static parse(text: string, file = 'the text'): TomlDocument {
    return new TomlDocument(parseSyntax(text, file), file);
  }

  get text(): string {
    return this.#syntax.byteOrderMark + this.#syntax.text;
  }

  get value(): TomlTable {
    return this.#syntax.value;
  }

  get(path: TomlPath): TomlValue | undefined {
    return getIn(this.value, path);
  }

  /** A new table becomes `[tables]` at the end of the text; in an existing table only differences change. */
  set(path: TomlPath, value: TomlValue): TomlDocument {
    const present = this.get(path);
    if (isEqualValue(present, value)) return this;
    if (isTable(present) && isTable(value)) return this.#changeTable(path, present, value);
    const expected = setIn(this.value, path, value);
    if (present === undefined)
      return this.#edit(path, expected, () => [insertValue(this.#syntax, path, value)]);
    const pair = findPair(this.#syntax, path);
    // A table written with headers or dotted keys has no single place for another kind of value.
    if (pair === undefined) return this.delete(path).set(path, value);
    const [start, end] = pair.node.value.range;
    return this.#edit(path, expected, () => [{ start, end, text: renderValue(value) }]);
  }

  /** Creates a missing array; does not add an item twice. */
  addToArray(path: TomlPath, item: TomlValue): TomlDocument {
    const items = this.#itemsOf(path);
    if (items === undefined) return this.set(path, [item]);
    if (items.some((each) => isEqualValue(each, item))) return this;
    const expected = setIn(this.value, path, [...items, item]);
    return this.#edit(path, expected, () => {
      const array = findPair(this.#syntax, path)?.node.value;
      return array?.type === 'TOMLArray' ? appendItem(this.#syntax, array, item) : [];
    });
  }

  /** Every item that equals this one; an array that becomes empty stays. */
  removeFromArray(path: TomlPath, item: TomlValue): TomlDocument {
    const items = this.#itemsOf(path) ?? [];
    const index = items.findIndex((each) => isEqualValue(each, item));
    if (index < 0) return this;
    const expected = setIn(this.value, path, items.toSpliced(index, 1));
    const edited = this.#edit(path, expected, () => {
      const array = findPair(this.#syntax, path)?.node.value;
      return array?.type === 'TOMLArray' ? removeItem(this.#syntax, array, index) : [];
    });
    return edited.removeFromArray(path, item);
  }

  /** A key, or a table with its contents. Parent tables that nothing else mentions are deleted, too. */
  delete(path: TomlPath): TomlDocument {
    if (path.length === 0 || this.get(path) === undefined) return this;
    const expected = pruneAbove(deleteIn(this.value, path), path);
    let text = this.#syntax.text;
    let syntax = this.#syntax;
    for (let splices = removeValue(syntax, path); splices.length > 0; splices = removeValue(syntax, path)) {
      text = applySplices(text, splices);
      syntax = this.#reparse(path, text);
    }
    if (!isEqualValue(pruneAbove(syntax.value, path), expected)) throw this.#refusal(path);
    return new TomlDocument(syntax, this.#file);
  }

  #changeTable(path: TomlPath, present: TomlTable, wanted: TomlTable): TomlDocument {
    const surplus = Object.keys(present).filter((name) => !Object.hasOwn(wanted, name));
    const pairs = Object.entries(wanted);
    // New values first: a table that is empty in between could be deleted with its only header.
    const filled = pairs.reduce<TomlDocument>(
      (document, [name, value]) => document.set([...path, name], value),
      this,
    );
    const turned = surplus.reduce((document, name) => document.delete([...path, name]), filled);
    return pairs.length === 0 && path.length > 0 && turned.get(path) === undefined
      ? turned.set(path, {})
      : turned;
  }

  #itemsOf(path: TomlPath): readonly TomlValue[] | undefined {
    const present = this.get(path);
    if (present === undefined) return undefined;
    if (isArray(present)) return present;
    throw this.#refusal(path, new Error('the value is not an array'));
  }

  #edit(path: TomlPath, expected: TomlTable | undefined, splices: () => readonly Splice[]): TomlDocument {
    if (expected === undefined) throw this.#refusal(path, new Error('a parent key is not a table'));
    const syntax = this.#reparse(path, applySplices(this.#syntax.text, splices()));
    if (!isEqualValue(syntax.value, expected)) throw this.#refusal(path);
    return new TomlDocument(syntax, this.#file);
  }

  #reparse(path: TomlPath, text: string): Syntax {
    try {
      return parseSyntax(this.#syntax.byteOrderMark + text, this.#file, this.#syntax.newline);
    } catch (error) {
      throw this.#refusal(path, error);
    }
  }

  #refusal(path: TomlPath, cause?: unknown): KataError {
    return new KataError(
      'KATA_TOML_EDIT',
      `cannot change ${renderPath(path)} in ${this.#file} without changing other keys`,
      {
        details: { file: this.#file, path },
        hint: `change ${renderPath(path)} in ${this.#file} manually, or move it into a separate [table]`,
        ...(cause === undefined ? {} : { cause }),
      },
    );
  }
}
