/** Label selectors in the syntax of `kubectl get --selector`. */
import { exitCodes, KataError } from '@kata/core';
import { selectsNode } from '@kata/node';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

/** All requirements must hold; none of a blank text. @throws KataError `KATA_ROLLOUT_SELECTOR_INVALID` */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  return new Reader(text).requirements();
}

export function matchesLabels(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>>,
): boolean {
  // An empty term of a node affinity selects nothing, an empty label selector everything.
  if (requirements.length === 0) return true;
  const terms = [{ matchExpressions: requirements, matchFields: [] }];
  return selectsNode({ nodeName: undefined, nodeSelector: {}, terms }, { name: '', labels });
}

interface Token {
  readonly kind: 'symbol' | 'word' | 'end';
  readonly text: string;
  readonly place: number;
}

const namePattern = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const prefixPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const operators = ['=', '==', '!=', 'in', 'notin', '>', '<'];

class Reader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  requirements(): readonly LabelRequirement[] {
    if (this.#sees('end')) return [];
    const found = [this.#requirement()];
    while (!this.#sees('end')) {
      this.#expect(',', '"," or the end');
      found.push(this.#requirement());
    }
    return found;
  }

  #requirement(): LabelRequirement {
    if (this.#take('!')) return { key: this.#key(), operator: 'DoesNotExist', values: [] };
    const key = this.#key();
    if (this.#sees('end') || this.#sees('symbol', ',')) return { key, operator: 'Exists', values: [] };
    const token = this.#consume();
    switch (token.text) {
      case '=':
      case '==':
        return { key, operator: 'In', values: [this.#value()] };
      case '!=':
        return { key, operator: 'NotIn', values: [this.#value()] };
      case 'in':
        return { key, operator: 'In', values: this.#values() };
      case 'notin':
        return { key, operator: 'NotIn', values: this.#values() };
      case '>':
        return { key, operator: 'Gt', values: [this.#integer()] };
      case '<':
        return { key, operator: 'Lt', values: [this.#integer()] };
      default:
        return this.#fail(token, `expected one of ${operators.join(' ')}, "," or the end`);
    }
  }

  #key(): string {
    const token = this.#consume();
    if (token.kind !== 'word') return this.#fail(token, 'expected the key of a label');
    const parts = token.text.split('/');
    const [name = '', prefix] = parts.toReversed();
    const isPrefixValid = prefix === undefined || (prefix.length <= 253 && prefixPattern.test(prefix));
    if (parts.length <= 2 && isPrefixValid && namePattern.test(name)) return token.text;
    return this.#fail(token, 'the key of a label looks like "name" or "example.com/name"');
  }

  /** Empty before "," and at the end. */
  #value(): string {
    if (this.#sees('end') || this.#sees('symbol', ',')) return '';
    const token = this.#consume();
    if (token.kind !== 'word') return this.#fail(token, 'expected a value');
    if (namePattern.test(token.text)) return token.text;
    return this.#fail(token, 'a value has at most 63 letters, digits, "-", "_" and "."');
  }

  #integer(): string {
    const token = this.#tokens[this.#next];
    const value = this.#value();
    if (token !== undefined && !isInteger(value)) this.#fail(token, 'expected an integer');
    return value;
  }

  /** `()` and each gap between commas stand for the empty value. */
  #values(): readonly string[] {
    this.#expect('(', '"("');
    const values = new Set<string>();
    do {
      const isGap = this.#sees('symbol', ',') || this.#sees('symbol', ')');
      values.add(isGap ? '' : this.#value());
    } while (this.#take(','));
    this.#expect(')', '"," or ")"');
    return [...values].toSorted();
  }

  #sees(kind: Token['kind'], text = ''): boolean {
    const token = this.#tokens[this.#next];
    return token?.kind === kind && token.text === text;
  }

  #take(symbol: string): boolean {
    const isThere = this.#sees('symbol', symbol);
    if (isThere) this.#next += 1;
    return isThere;
  }

  #expect(symbol: string, what: string): void {
    const token = this.#consume();
    if (token.kind !== 'symbol' || token.text !== symbol) this.#fail(token, `expected ${what}`);
  }

  #consume(): Token {
    const token = this.#tokens[this.#next] ?? { kind: 'end', text: '', place: this.#text.length };
    this.#next += 1;
    return token;
  }

  #fail({ kind, text, place }: Token, problem: string): never {
    const found = kind === 'end' ? 'it ends' : `found "${text}"`;
    throw new KataError(
      'KATA_ROLLOUT_SELECTOR_INVALID',
      `the label selector "${this.#text}" is not valid at character ${place + 1}: ${found}, ${problem}`,
      {
        exitCode: exitCodes.usage,
        hint: 'write it as for kubectl, such as "pool=kata,zone in (a,b),!spot"',
      },
    );
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const { 0: token, index } of text.matchAll(/==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+/g)) {
    const isSymbol = /^[=!(),<>]/.test(token);
    tokens.push({ kind: isSymbol ? 'symbol' : 'word', text: token, place: index });
  }
  return [...tokens, { kind: 'end', text: '', place: text.length }];
}

/** As Go reads it: decimal, in 64 bits. */
function isInteger(text: string): boolean {
  return /^\d+$/.test(text) && BigInt(text) < 2n ** 63n;
}
