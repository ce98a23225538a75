/** Finds refused wordings in prose. */
import { readProse } from './prose.ts';
import { type RefusedWord, refusedWords } from './refused-words.ts';

export interface WordFinding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly found: string;
  readonly write: string;
}

export interface WordPattern {
  readonly word: RefusedWord;
  readonly expression: RegExp;
}

const refused = compileWords(refusedWords);

export function compileWords(words: readonly RefusedWord[]): readonly WordPattern[] {
  return words.map((word) => ({ word, expression: expressionOf(word.phrase) }));
}

/** `path` relative to the repository. */
export function findRefusedWords(path: string, text: string, patterns = refused): readonly WordFinding[] {
  const { forUsers, forDevelopers } = readProse(path, text);
  const lines = text.split('\n');
  const findings = patterns.flatMap(({ word, expression }) =>
    [forUsers, ...(word.onlyForUsers === true ? [] : [forDevelopers])]
      .flatMap((prose) => [...prose.matchAll(expression)])
      .map(({ index, 0: found }) => ({ found, line: text.slice(0, index).split('\n').length }))
      .filter(({ line }) => !isExempt(word, path, lines[line - 1] ?? ''))
      .map(({ found, line }) => ({ path, line, found: found.replaceAll(/\s+/g, ' '), write: word.write })),
  );
  return findings.toSorted((a, b) => a.line - b.line);
}

/** Does not match in the middle of a name such as `kata-by-hand.ts`. */
function expressionOf(phrase: string): RegExp {
  return new RegExp(String.raw`(?<![\w./:-])(?:${phrase.replaceAll(' ', String.raw`\s+`)})(?![\w/-])`, 'gi');
}

function isExempt(word: RefusedWord, path: string, line: string): boolean {
  return (word.exempt ?? []).some((each) => each.path === path && line.includes(each.line));
}
