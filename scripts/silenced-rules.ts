/** Finds comments that silence a check. Each must have a reason on its line. */

export interface SilencedRule {
  readonly path: string;
  readonly line: number;
  readonly comment: string;
  /** Empty: there is none. */
  readonly reason: string;
}

const lintComment = /(?:\/\/|\/\*)\s*((?:oxlint|eslint)-disable(?:-next-line|-line)?\b(.*))/;
const typeComment = /(?:\/\/|\/\*)\s*(@ts-(?:expect-error|ignore|nocheck)\b(.*))/;

export function findSilencedRules(path: string, text: string): readonly SilencedRule[] {
  return text.split('\n').flatMap((content, i) => {
    const lint = lintComment.exec(content);
    const type = typeComment.exec(content);
    if (lint === null && type === null) return [];
    const comment = (lint?.[1] ?? type?.[1] ?? '').trimEnd();
    // oxlint's notation: a reason follows the rule's name after two hyphens.
    const reason = lint === null ? (type?.[2] ?? '') : (lint[2]?.split(' -- ')[1] ?? '');
    return [
      {
        path,
        line: i + 1,
        comment,
        reason: reason
          .replace(/\*\/\s*$/, '')
          .replace(/^[\s:-]+/, '')
          .trim(),
      },
    ];
  });
}
