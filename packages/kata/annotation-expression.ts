/**
 * What both of Kata's runtimes take for a regular expression: the part that Go's RE2 and Rust's `regex` have in common.
 * Rust drops the whole list of allowed annotations, without a word, when one of them does not compile.
 */

/** The greatest number of times that Go repeats something, also by repeating what is repeated. */
const maximumRepeats = 1000;
/** What may stand behind a backslash to mean itself. */
const escapable = String.raw`\.+*?()|[]{}^$#&-~`;
const classes = 'dDwWsS';
const controls = 'nrtfva';

/** Why a text is no such expression; undefined when it is one. */
export function expressionProblem(text: string): string | undefined {
  const reader = new Reader(text);
  try {
    reader.alternatives();
    if (!reader.isAtEnd) reader.fail('has ")" without "("');
    return undefined;
  } catch (error) {
    if (error instanceof NoExpression) return error.message;
    throw error;
  }
}

class NoExpression extends Error {}

/** Each method reads one part and answers how often it repeats a single character at most. */
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
    throw new NoExpression(message);
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

  /** For all that follows; nothing that could be repeated. */
  #takeFlags(): boolean {
    const flags = /^\(\?[imsU]+\)/.exec(this.#rest)?.[0] ?? '';
    return this.#take(flags) && flags !== '';
  }

  #repeated(repeats: number): number {
    const { times } = /^(?<times>[*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#rest)?.groups ?? {};
    if (times === undefined) return repeats;
    this.#place += times.length;
    this.#take('?');
    if (/^(?:[*+?]|\{\d)/.test(this.#rest)) this.fail(`repeats "${times}" itself`);
    const all = repeats * this.#countOf(times);
    return all > maximumRepeats ? this.fail(`repeats more than ${maximumRepeats} times`) : all;
  }

  #countOf(times: string): number {
    const [least = 1, most = least] = times.match(/\d+/g)?.map(Number) ?? [];
    if (most < least) this.fail(`cannot repeat "${times}"`);
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
        return this.fail(`needs "\\${char}" for the character itself`);
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
    if (head === '' && this.#sees('?')) this.fail('looks ahead or behind, or has flags that not both know');
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
    if (from === undefined || to === undefined || from > to) this.fail('has a range that goes backwards');
  }

  /** Undefined for a class of characters. */
  #classCharacter(): string | undefined {
    // Rust takes these for sets, which Go does not have.
    if (/^(?:\[|&&|--|~~)/.test(this.#rest)) this.fail('has one set of characters in another');
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
    return this.fail(/\d/.test(char) ? `refers back by "${escape}"` : `has "${escape}", which not both know`);
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
    if (char === undefined) return this.fail('ends in the middle');
    this.#place += 1;
    return char;
  }
}
