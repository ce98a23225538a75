/** The placeholders of verification pods, `${NODE}` and `${TEST_POD}`. Others are not ours and stay as they are. */

const names = ['NODE', 'TEST_POD'] as const;

export type PlaceholderValues = Readonly<Record<(typeof names)[number], string>>;

export interface HiddenPlaceholders {
  readonly text: string;
  restore<T>(value: T): T;
}

/**
 * Replaces them by words that YAML reads as text wherever they stand; `${NODE}` itself would be a syntax error between
 * the braces and brackets of flow style. The words are as long, so that places in error messages stay right.
 */
export function hidePlaceholders(text: string): HiddenPlaceholders {
  const words = names.map((name) => ({ placeholder: `\${${name}}`, word: unusedWord(text, name) }));
  return {
    text: words.reduce((hidden, { placeholder, word }) => hidden.replaceAll(placeholder, word), text),
    restore: (value) =>
      mapTexts(value, (found) =>
        words.reduce((restored, { placeholder, word }) => restored.replaceAll(word, placeholder), found),
      ),
  };
}

/** One letter and digits, so that it cannot overlap with another. */
function unusedWord(text: string, name: string): string {
  for (let number = 0; ; number += 1) {
    const word = `${name.charAt(0).toLowerCase()}${String(number).padStart(name.length + 2, '0')}`;
    if (!text.includes(word)) return word;
  }
}

/** In all keys and values, at any depth. */
export function replacePlaceholders<T>(value: T, values: PlaceholderValues): T {
  return mapTexts(value, (text) =>
    text.replaceAll(/\$\{(NODE|TEST_POD)\}/g, (_, name: keyof PlaceholderValues) => values[name]),
  );
}

function mapTexts<T>(value: T, change: (text: string) => string): T;
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [change(key), mapTexts(item, change)]),
  );
}
