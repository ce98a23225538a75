/** Writes JSON like Go's encoder: the API server compares the values in `test` operations byte by byte with its own JSON. */

const escaped = /[<>&\u2028\u2029]/g;

export function writeGoJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    escaped,
    (letter) => String.raw`\u` + letter.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}
