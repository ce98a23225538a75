/** Finds the tests that a guide names, as `FILE`: “TITLE”. */

export interface NamedTest {
  /** Relative to the repository. */
  readonly file: string;
  readonly title: string;
}

export function namedTests(markdown: string): readonly NamedTest[] {
  return [...markdown.matchAll(/`([\w./-]+\.ts)`: “([^”]+)”/g)].map(([, file = '', title = '']) => ({
    file,
    title,
  }));
}

/** The title is written in the source as it is, in any kind of quotes. */
export function hasTest(source: string, title: string): boolean {
  const quotes = ["'", '"', '`'];
  return quotes.some((quote) =>
    source.includes(`${quote}${title.replaceAll("'", quote === "'" ? "\\'" : "'")}${quote}`),
  );
}
