/**
 * Regular expressions that both of Kata's runtimes accept: the common part of Go's RE2 and Rust's `regex`. The Rust runtime
 * silently drops the whole list of allowed annotations when one of them does not compile.
 */

/** The limit of Go, also for the product of nested repetitions. */
const maximumRepeats = 1000;
/** Characters that a backslash makes literal. */
const escapable = String.raw`\.+*?()|[]{}^$#&-~`;
const classes = 'dDwWsS';
const controls = 'nrtfva';

/** Why a text is not such an expression, to complete "it …"; undefined when it is one. */
export function expressionProblem(text: string): string | undefined {
  const reader = new Reader(text);
  try {
    reader.alternatives();
    if (!reader.isAtEnd) reader.fail('has ")" without "("');
    return undefined;
  } catch (error) {
    if (error instanceof InvalidExpression) return error.message;
    throw error;
  }
}

class InvalidExpression extends Error {}

/** Each method reads one part and returns how often it repeats a single character at most. */
class Reader {
  readonly #text: string;
  readonly #names = new Set<string>();
  #place = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#place >= this.#text.length;
  }

  fail(message: string): never {
    throw new InvalidExpression(message);
  }

  alternatives(): number {
    let repeats = this.#sequence();
    while (this.#take('|')) repeats = Math.max(repeats, this.#sequence());
    return repeats;
  }

  #sequence(): number {
    let repeats = 1;
    while (!this.isAtEnd && !this.#sees('|') && !this.#sees(')')) {
      if (!this.#takeFlags()) repeats = Math.max(repeats, this.#repeated(this.#atom()));
    }
    return repeats;
  }

  /** Flags for the rest of the expression, which cannot be repeated. */
  #takeFlags(): boolean {
    const flags = /^\(\?[imsU]+\)/.exec(this.#rest)?.[0] ?? '';
    return this.#take(flags) && flags !== '';
  }

  #repeated(repeats: number): number {
    const { times } = /^(?<times>[*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#rest)?.groups ?? {};
    if (times === undefined) return repeats;
    this.#place += times.length;
    this.#take('?');
    if (/^(?:[*+?]|\{\d)/.test(this.#rest)) this.fail(`repeats the repetition "${times}"`);
    const all = repeats * this.#countOf(times);
    return all > maximumRepeats ? this.fail(`repeats more than ${maximumRepeats} times`) : all;
  }

  #countOf(times: string): number {
    const [least = 1, most = least] = times.match(/\d+/g)?.map(Number) ?? [];
    if (most < least) this.fail(`has the invalid repetition "${times}"`);
    return Math.max(1, most);
  }

  #atom(): number {
    const char = this.#next();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        return this.fail(`has nothing before "${char}" to repeat`);
      case '{':
      case '}':
      case ']':
        return this.fail(`needs "\\${char}" for a literal "${char}"`);
      default:
        return 1;
    }
  }

  #group(): number {
    const found = /^\?(?:[imsU]*(?:-[imsU]+)?:|P<(?<name>[A-Za-z_]\w*)>)/.exec(this.#rest);
    const head = found?.[0] ?? '';
    const name = found?.groups?.['name'];
    if (name !== undefined && this.#names.has(name)) this.fail(`has two groups "${name}"`);
    if (name !== undefined) this.#names.add(name);
    if (head === '' && this.#sees('?'))
      this.fail('uses look-around, or flags that only one runtime supports');
    this.#place += head.length;
    const repeats = this.alternatives();
    if (!this.#take(')')) this.fail('has "(" without ")"');
    return repeats;
  }

  #class(): number {
    this.#take('^');
    for (let isFirst = true; isFirst || !this.#sees(']'); isFirst = false) {
      if (this.isAtEnd) this.fail('has "[" without "]"');
      this.#classItem();
    }
    this.#place += 1;
    return 1;
  }

  #classItem(): void {
    const from = this.#classCharacter();
    if (!/^-[^\]]/.test(this.#rest)) return;
    this.#place += 1;
    const to = this.#classCharacter();
    if (from === undefined || to === undefined || from > to) this.fail('has a reversed range');
  }

  /** Undefined for a class of characters. */
  #classCharacter(): string | undefined {
    // Rust reads these as set operations, which Go does not have.
    if (/^(?:\[|&&|--|~~)/.test(this.#rest)) this.fail('has a set of characters inside another');
    const char = this.#next();
    if (char !== '\\') return char;
    const escaped = this.#next();
    if (classes.includes(escaped)) return undefined;
    if (!escapable.includes(escaped) && !controls.includes(escaped)) this.#failEscape(escaped);
    return escaped;
  }

  #escape(): number {
    const char = this.#next();
    if (!`${classes}${controls}${escapable}bBAz`.includes(char)) this.#failEscape(char);
    return 1;
  }

  #failEscape(char: string): never {
    const escape = `\\${char}`;
    return this.fail(
      /\d/.test(char)
        ? `has the back-reference "${escape}"`
        : `has "${escape}", which only one runtime supports`,
    );
  }

  get #rest(): string {
    return this.#text.slice(this.#place);
  }

  #sees(char: string): boolean {
    return this.#text.startsWith(char, this.#place);
  }

  #take(char: string): boolean {
    const isThere = this.#sees(char);
    if (isThere) this.#place += char.length;
    return isThere;
  }

  #next(): string {
    const char = this.#text[this.#place];
    if (char === undefined) return this.fail('is incomplete');
    this.#place += 1;
    return char;
  }
}
