/** Reads what the rules need from the text of a source, with the parser of Oxc. */
import {
  type CallExpression,
  type EcmaScriptModule,
  type Node,
  parseSync,
  type Program,
  Visitor,
} from 'oxc-parser';

export interface Comment {
  /** On which it begins, from 1. */
  readonly line: number;
  /** Without the markers at its ends. */
  readonly text: string;
}

export interface ParsedSource {
  /** The names of modules, also of those that are imported for types only or by `process.getBuiltinModule`. */
  readonly imports: readonly string[];
  readonly comments: readonly Comment[];
  /** Without positions, which the compiler reports. */
  readonly errors: readonly string[];
}

/** A module whose name is not written out may be any. */
const computed = 'node:(computed)';
const loader = 'getBuiltinModule';
/** What the list of statements leaves out. The tree of a file takes as long as parsing it. */
const treeOnly = new RegExp(String.raw`\bimport\s*[(/]|\brequire\b|\bexport\s*\{\s*[}/]|${loader}`);

export function parseSource(path: string, text: string): ParsedSource {
  const parsed = parseSync(path, text);
  const { comments, errors } = parsed;
  return {
    imports: treeOnly.test(text) ? readTree(parsed.program) : readStatements(parsed.module),
    comments: comments.map(({ start, value }) => ({
      line: text.slice(0, start).split('\n').length,
      text: value,
    })),
    errors: errors.map(({ message }) => message),
  };
}

function readStatements({ staticImports, staticExports }: EcmaScriptModule): readonly string[] {
  const exported = staticExports.flatMap(({ entries: [entry] }) => entry?.moduleRequest ?? []);
  return [...staticImports.map(({ moduleRequest }) => moduleRequest), ...exported].map(({ value }) => value);
}

function readTree(program: Program): readonly string[] {
  const imports: string[] = [];
  /** Where the loader is named, and where that is the callee of a call whose module is known. */
  const named = { anywhere: 0, known: 0 };
  const add = ({ source }: { readonly source: Node | null }): void => {
    if (source !== null) imports.push(literalOf(source) ?? computed);
  };
  new Visitor({
    ImportDeclaration: add,
    ExportNamedDeclaration: add,
    ExportAllDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
    TSExternalModuleReference: ({ expression }) => add({ source: expression }),
    Identifier: ({ name }) => {
      if (name === loader) named.anywhere += 1;
    },
    Literal: ({ value }) => {
      if (value === loader) named.anywhere += 1;
    },
    CallExpression: (call) => {
      const module = loadedBy(call);
      if (module === undefined) return;
      named.known += 1;
      imports.push(module);
    },
  }).visit(program);
  // It is called by another name.
  return named.anywhere > named.known ? [...imports, computed] : imports;
}

/** The module of `process.getBuiltinModule('…')`. */
function loadedBy({ callee, arguments: [name] }: CallExpression): string | undefined {
  if (callee.type !== 'MemberExpression' || name === undefined) return undefined;
  const { property } = callee;
  const member = property.type === 'Identifier' ? property.name : literalOf(property);
  return member === loader ? literalOf(name) : undefined;
}

function literalOf(node: Node): string | undefined {
  if (node.type === 'TemplateLiteral') {
    return node.expressions.length === 0 ? (node.quasis[0]?.value.cooked ?? undefined) : undefined;
  }
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}
