/** Appends the words of another program to a sentence: on one line, cut when they are long. */

const longest = 300;

export function withDetail(sentence: string, ...details: readonly string[]): string {
  const parts = details
    .map((detail) => detail.replaceAll(/\s+/g, ' ').trim())
    .filter((detail) => detail !== '')
    .map((detail) => (detail.length <= longest ? detail : `${detail.slice(0, longest - 1)}…`));
  return [sentence, ...parts].join(': ');
}
