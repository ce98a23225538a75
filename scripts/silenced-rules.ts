/** Finds comments that silence a check. Each must have a reason. */
import type { Comment } from './parse-source.ts';

export interface SilencedRule {
  readonly path: string;
  readonly line: number;
  /** On one line. */
  readonly comment: string;
  /** Empty: there is none. */
  readonly reason: string;
}

const silencer =
  /^[\s/*]*((?:(?:oxlint|eslint)-disable(?:-next-line|-line)?|@ts-(?:expect-error|ignore|nocheck))\b[^]*)/dm;

export function findSilencedRules(path: string, comments: readonly Comment[]): readonly SilencedRule[] {
  return comments.flatMap(({ line, text }) => {
    const match = silencer.exec(text);
    if (match === null) return [];
    const comment = (match[1] ?? '').replaceAll(/\s*\n[\s*]*/g, ' ').trim();
    const before = text.slice(0, match.indices?.[1]?.[0]);
    return [{ path, line: line + before.split('\n').length - 1, comment, reason: reasonOf(comment) }];
  });
}

/** In oxlint's notation, a reason follows the rule's name after two hyphens. */
function reasonOf(comment: string): string {
  const text = comment.startsWith('@') ? comment.replace(/^@[\w-]+/, '') : (comment.split(' -- ')[1] ?? '');
  return text.replace(/^[\s:-]+/, '').trim();
}
