/** The kinds of values of settings. Each parses both the text of a variable and the data of a file. */
import { expressionProblem } from '@kata/kata';
import * as z from 'zod';

/** `shim` undefined: for all shims. Names are as the user wrote them. */
export interface ShimAnnotations {
  readonly shim: string | undefined;
  readonly names: readonly string[];
}

/** `shim` undefined: for all shims. Names are as the user wrote them. */
export interface ShimValue {
  readonly shim: string | undefined;
  readonly value: string;
}

export interface Taint {
  readonly key: string;
  /** Undefined: every effect. */
  readonly effect: string | undefined;
}

const wordPattern = /^[^\s\p{Cc}]+$/u;
const namePattern = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
export const snapshotterPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** Neither `.` nor `..`; without a lookahead, which Helm's schemas do not support. */
export const fileNamePattern = /^\.{0,2}[^./\\\p{Cc}][^/\\\p{Cc}]*$/u;
// Becomes a word of a kernel command line.
export const proxyPattern = /^[^\s"'\p{Cc}]+$/u;
export const annotationPattern = /^[^\s,:"'\p{Cc}]+$/u;
export const taintPattern =
  /^(?<key>(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)(?::(?<effect>NoSchedule|PreferNoSchedule|NoExecute))?$/;

const truths: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

export const pullTypes: readonly string[] = ['guest-pull', 'default'];

export const kinds = {
  boolean: {
    allowed: 'true, false, 1 or 0',
    schema: z.preprocess(readBoolean, z.boolean(errorOf('is neither true nor false'))),
  },
  dmverity: {
    allowed: 'dmverity, true, false, 1 or 0',
    schema: z.preprocess(
      (input) =>
        typeof input === 'string' && input.toLowerCase() === 'dmverity' ? true : readBoolean(input),
      z.boolean(errorOf('is neither "dmverity" nor true nor false')),
    ),
  },
  line: { allowed: 'one line of text', schema: text(/^\P{Cc}*$/u, 'is not a line of text') },
  word: { allowed: 'one word', schema: text(wordPattern, 'is not one word') },
  name: {
    allowed: 'a Kubernetes name: a-z, 0-9, inner dots and hyphens',
    schema: text(namePattern, 'is not a valid Kubernetes name'),
  },
  path: { allowed: 'a path', schema: text(/^\P{Cc}+$/u, 'is not a valid path') },
  prefix: {
    allowed: 'an absolute path without ".."',
    schema: text(/^(\/\P{Cc}*)?$/u, 'is not an absolute path').refine(
      (path) => !path.split('/').includes('..'),
      errorOf('contains ".."'),
    ),
  },
  suffix: {
    allowed: 'at most 20 of a-z, 0-9 and inner hyphens',
    schema: text(/^([a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?)?$/, 'is not a valid suffix'),
  },
  fileName: {
    allowed: 'a file name without a directory',
    schema: text(fileNamePattern, 'is not a valid file name'),
  },
  port: {
    allowed: 'a number from 1 to 65535',
    schema: z.preprocess(
      (input) => (typeof input === 'string' && /^\d{1,5}$/.test(input) ? Number(input) : input),
      z
        .int(errorOf('is not a valid port'))
        .min(1, errorOf('is not a valid port'))
        .max(65_535, errorOf('is not a valid port')),
    ),
  },
  progressMode: {
    allowed: 'auto, plain or json',
    schema: choice(['auto', 'plain', 'json'], 'progress mode'),
  },
  driftMode: { allowed: 'repair or report', schema: choice(['repair', 'report'], 'reaction to drift') },
  seconds: {
    allowed: 'whole seconds, at least 1',
    schema: z.preprocess(
      (input) => (typeof input === 'string' && /^\d{1,6}$/.test(input) ? Number(input) : input),
      z.int(errorOf('is not a valid number of seconds')).min(1, errorOf('is not a valid number of seconds')),
    ),
  },
  mergeMode: { allowed: 'merged or unmerged', schema: choice(['merged', 'unmerged'], 'merge mode') },
  snapshotterMode: { allowed: 'disk or memory', schema: choice(['disk', 'memory'], 'snapshotter mode') },
  snapshotters: {
    allowed: 'nydus and erofs, separated by commas or spaces',
    schema: z.preprocess(splitWords, list(choice(['nydus', 'erofs'], 'snapshotter to set up'))),
  },
  list: {
    allowed: 'names of shims, separated by spaces or commas',
    schema: z.preprocess(splitWords, list(text(wordPattern, 'is not a valid name'))),
  },
  snapshotterPairs: {
    allowed: 'shim:snapshotter, separated by commas',
    schema: pairs((value) => snapshotterPattern.test(value), 'is not a pair shim:snapshotter'),
  },
  pullTypePairs: {
    allowed: 'shim:guest-pull or shim:default, separated by commas',
    schema: pairs((value) => pullTypes.includes(value), 'is not a pair shim:guest-pull or shim:default'),
  },
  annotations: {
    allowed:
      'annotations for all shims or shim:annotation,annotation, separated by spaces; each is a regular expression',
    schema: z.preprocess(
      (input) => listOf(input, (words) => words.split(/\s+/), ':'),
      list(itemOf(readAnnotations, annotationsProblem)),
    ),
  },
  proxies: {
    allowed: 'one value for all shims, or shim=value separated by semicolons; no spaces, no quotes',
    schema: z.preprocess(
      splitProxies,
      list(
        itemOf(readProxy, 'is neither a value without spaces nor shim=value', (item) =>
          // A URL may contain a password, which must not be logged.
          item.replace(/^=/, '').replace(/\/\/[^/]*@/, '//…@'),
        ),
      ),
    ),
  },
  taints: {
    allowed: 'key or key:effect, separated by commas or spaces; NoSchedule, PreferNoSchedule or NoExecute',
    schema: z.preprocess(splitWords, list(itemOf(readTaint, 'is neither key nor key:effect'))),
  },
} as const satisfies Readonly<Record<string, { readonly allowed: string; readonly schema: z.ZodType }>>;

export type Kind = keyof typeof kinds;
export type KindValue<K extends Kind> = z.output<(typeof kinds)[K]['schema']>;

function text(pattern: RegExp, problem: string): z.ZodString {
  return z.string(errorOf(problem)).regex(pattern, errorOf(problem));
}

function choice<const T extends readonly string[]>(values: T, what: string): z.ZodType<T[number]> {
  return z.enum(values, errorOf(`is not a valid ${what}`));
}

function list<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.array(item, errorOf('is not a list'));
}

/** Items are texts; `read` returns undefined for an invalid one. */
function itemOf<T>(
  read: (item: string) => T | undefined,
  problem: string | ((item: string) => string),
  asWritten: (item: string) => string = (item) => item,
): z.ZodType<T> {
  const why = (item: string): string => (typeof problem === 'string' ? problem : problem(item));
  return z.string(errorOf(why(''))).transform((item, context) => {
    const found = read(item);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: `${show(asWritten(item))} ${why(item)}` });
    return z.NEVER;
  });
}

function pairs(isValue: (value: string) => boolean, problem: string): z.ZodType<readonly ShimValue[]> {
  const read = (item: string): ShimValue | undefined => {
    const [, shim, value] = /^([^:\s]+):(.*)$/s.exec(item) ?? [];
    return shim === undefined || value === undefined || !isValue(value) ? undefined : { shim, value };
  };
  return z.preprocess((input) => listOf(input, splitText, ':'), list(itemOf(read, problem)));
}

function readBoolean(input: unknown): unknown {
  if (!isScalar(input)) return input;
  const word = String(input).toLowerCase();
  return Object.hasOwn(truths, word) ? truths[word] : input;
}

function readAnnotations(item: string): ShimAnnotations | undefined {
  const found = splitAnnotations(item);
  return found.names.every(isAnnotation) ? found : undefined;
}

function splitAnnotations(item: string): ShimAnnotations {
  const [, shim, names = ''] = /^(?:([^:\s]+):)?(.*)$/s.exec(item) ?? [];
  return { shim, names: names.split(',') };
}

function isAnnotation(name: string): boolean {
  return annotationPattern.test(name) && expressionProblem(name) === undefined;
}

/** Each name must be a regular expression for both of Kata's runtimes. */
function annotationsProblem(item: string): string {
  const wrong = splitAnnotations(item).names.find((name) => !isAnnotation(name));
  if (wrong === undefined || !annotationPattern.test(wrong)) {
    return 'is neither annotations nor shim:annotation,annotation';
  }
  return `has ${show(wrong)}, which is not a valid regular expression for Kata: it ${expressionProblem(wrong) ?? ''}`;
}

/** `=value` is for all shims. */
function readProxy(item: string): ShimValue | undefined {
  const [, shim, value] = /^([^=\s]*)=(.*)$/s.exec(item) ?? [];
  if (value === undefined || !proxyPattern.test(value)) return undefined;
  return { shim: shim === '' ? undefined : shim, value };
}

function readTaint(item: string): Taint | undefined {
  const { key, effect } = taintPattern.exec(item)?.groups ?? {};
  return key === undefined ? undefined : { key, effect };
}

function splitProxies(input: unknown): unknown {
  // A URL may have an equals sign, too, but after a colon.
  const split = (value: string): readonly string[] =>
    /^[^=:/]*=/.test(value) ? value.split(/\s*;\s*/).filter((item) => item !== '') : [`=${value}`];
  return listOf(input, split, '=');
}

function splitWords(input: unknown): unknown {
  return typeof input === 'string' ? splitText(input) : input;
}

function splitText(words: string): readonly string[] {
  return words.split(/[\s,]+/).filter((word) => word !== '');
}

/** Splits texts, and turns mappings into texts of their pairs; the schema checks anything else. */
function listOf(input: unknown, split: (words: string) => readonly string[], separator: string): unknown {
  if (typeof input === 'string') return input.trim() === '' ? [] : split(input.trim());
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.entries(input).map(([shim, value]: [string, unknown]) =>
    isScalar(value) || isTextList(value) ? `${shim}${separator}${String(value)}` : value,
  );
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function errorOf(problem: string): { readonly error: (issue: { readonly input?: unknown }) => string } {
  return { error: ({ input }) => `${show(input)} ${problem}` };
}

function show(input: unknown): string {
  if (typeof input === 'string') return JSON.stringify(input.length > 80 ? `${input.slice(0, 80)}…` : input);
  if (isScalar(input)) return String(input);
  return Array.isArray(input) ? '[…]' : '{…}';
}
