/** Extracts the prose of a file: everything else is blanked, so that offsets stay the same. */

/** Texts as long as the file; what is not prose is replaced by `gap`. */
export interface Prose {
  /** What users of the programs read: guides, help, messages. */
  readonly forUsers: string;
  /** What only people who change this repository read: comments, tests, decisions. */
  readonly forDevelopers: string;
}

type Part = 'string' | 'comment' | 'code';

interface Token {
  readonly part: Part;
  readonly text: string;
}

/** Neither a letter nor white space, so that no phrase matches across it. */
const gap = '\0';

const developerFiles =
  /^(?:CONTRIBUTING\.md|Makefile|docs\/(?:architecture|reference\/proofs|guides\/lab)\.md|(?:docs\/decisions|lab|recipes|scripts|tests)\/)|\.(?:test|exhaustive)\.ts$|^packages\/.*(?:\.md|\/testkit\/.*)$/;

const nextToken =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`|[{}]|\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|\s+|[\w$]+|[^]/y;
const templateText = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;
/** After these a slash divides. */
const operandEnd = /(?:[\w$)\]}'"`])$/;
const operatorWord = /^(?:return|typeof|case|of|in|await)$/;

/** `path`, relative to the repository, determines how the text is read and who reads it. */
export function readProse(path: string, text: string): Prose {
  const isForDevelopers = developerFiles.test(path);
  if (!/\.(?:ts|go|c)$/.test(path)) {
    const prose = path.endsWith('.md') ? blankMarkdown(text) : blankMarkers(text);
    const none = blank(text);
    return isForDevelopers
      ? { forUsers: none, forDevelopers: prose }
      : { forUsers: prose, forDevelopers: none };
  }
  const tokens = readTokens(text);
  const only = (...parts: readonly Part[]): string =>
    tokens.map((token) => (parts.includes(token.part) ? blankCode(token.text) : blank(token.text))).join('');
  return isForDevelopers
    ? { forUsers: blank(text), forDevelopers: only('string', 'comment') }
    : { forUsers: only('string'), forDevelopers: only('comment') };
}

/** Blanks code blocks, code spans and targets of links. */
function blankMarkdown(text: string): string {
  return text
    .replaceAll(/^```[^]*?^```/gm, blank)
    .replaceAll(/^ {4}.*$/gm, blank)
    .replaceAll(/`[^`]*`/g, blank)
    .replaceAll(/\]\([^)\s]*\)/g, blank);
}

/** Blanks comment markers, because a phrase may continue on the next line. */
function blankMarkers(text: string): string {
  return text.replaceAll(/^[ \t]*(?:#+|\/\/+|\/?\*+)(?=\s)/gm, (found) => ' '.repeat(found.length));
}

/** Blanks code spans in a comment or a message, and escaped line ends. */
function blankCode(text: string): string {
  return blankMarkers(text)
    .replaceAll(/\\?`[^`\n]*`/g, blank)
    .replaceAll(/\\[nt]/g, '  ');
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, gap);
}

/** Tokens of TypeScript; good enough for Go and C. A string without a space is a name, not prose. */
function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  /** Open braces by open template. */
  const depths: number[] = [];
  let before = '';
  let at = 0;
  const take = (part: Part, length: number): string => {
    const found = text.slice(at, at + length);
    tokens.push({ part: part === 'string' && !/\S\s|\s\S/.test(found) ? 'code' : part, text: found });
    at += length;
    return found;
  };
  const takeTemplate = (): void => {
    take('string', matchAt(templateText, text, at).length);
    if (text.startsWith('${', at)) depths.push(0);
    before = take('code', text.startsWith('${', at) ? 2 : 1);
  };
  while (at < text.length) {
    const found = matchAt(nextToken, text, at);
    const divides = operandEnd.test(before) && !operatorWord.test(before);
    if (found.startsWith('//') || found.startsWith('/*')) take('comment', found.length);
    else if (found === '`') {
      take('code', 1);
      takeTemplate();
    } else if (found === '}' && depths.at(-1) === 0) {
      depths.pop();
      take('code', 1);
      takeTemplate();
    } else {
      const isRegularExpression = found.length > 1 && found.startsWith('/');
      const token = isRegularExpression && divides ? '/' : found;
      const last = depths.length - 1;
      if (last >= 0 && token === '{') depths[last] = (depths[last] ?? 0) + 1;
      if (last >= 0 && token === '}') depths[last] = (depths[last] ?? 0) - 1;
      take(/^['"]/.test(token) ? 'string' : 'code', token.length);
      if (token.trim() !== '') before = token;
    }
  }
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
