/** Reads YAML as kubectl does (sigs.k8s.io/yaml): mostly YAML 1.1, where `0644` is octal and `yes` is true. */
import { LineCounter, parseAllDocuments, type ScalarTag, type Tags } from 'yaml';

export type YamlResult =
  | { readonly kind: 'documents'; /** Without empty ones. */ readonly documents: readonly unknown[] }
  /** Completes "it …". */
  | { readonly kind: 'invalid'; readonly problem: string };

export function readKubernetesYaml(text: string): YamlResult {
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    schema: 'yaml-1.1',
    customTags: kubernetesTags,
    merge: true,
    lineCounter,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: unknown[] = [];
  // Without any document it is a list with a mark.
  for (const document of 'empty' in parsed ? [] : parsed) {
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      return {
        kind: 'invalid',
        problem: `is not valid YAML at line ${line}, column ${col}: ${error.message}`,
      };
    }
    try {
      documents.push(document.toJS());
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      return { kind: 'invalid', problem: `has YAML aliases that cannot be resolved: ${error.message}` };
    }
  }
  return { kind: 'documents', documents: documents.filter((document) => document !== null) };
}

const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^0o[0-7]+$/,
  resolve: (text) => Number(text),
};

/** No numbers in Go or in JSON. */
const notANumber: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  test: /^(?:[-+]?\.|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  resolve: (text) => text,
};

/** Go reads dates, and `12:30`, as texts. The first tag that fits counts. */
function kubernetesTags(tags: Tags): Tags {
  const kept = tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
  );
  return [notANumber, octal, ...kept];
}
