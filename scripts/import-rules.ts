/** Rules for imports between the parts of this repository: the layers as data, the rules as a pure function. */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** Packages from the bottom up; each imports only from rows below its own. */
const layers = [
  ['core'],
  ['report'],
  ['host'],
  ['toml', 'json'],
  ['kconfig', 'kata', 'oci'],
  ['node', 'settings'],
  ['engines', 'snapshotters', 'artifacts', 'kube', 'build'],
  ['installer', 'rollout'],
  ['doctor', 'node-agent', 'orchestrator'],
] as const;

/** Packages without input and output; they import only each other. */
const purePackages: readonly string[] = ['core', 'toml', 'json', 'kconfig', 'kata', 'node', 'rollout'];

/** Folders of a package; each imports only itself and folders before it. Files in no folder import all. */
const folders: Readonly<Record<string, readonly string[]>> = {
  installer: [
    'state',
    'engine',
    'adoption',
    'facts',
    'plan',
    'apply',
    'verification',
    'installation',
    'testkit',
  ],
};

/** The modules of Node without input and output. */
const pureModules: readonly string[] = [
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:path',
  'node:timers/promises',
  'node:url',
  'node:util',
];

const vagueNames: readonly string[] = ['common', 'helpers', 'misc', 'utils'];

export interface FileImports {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly imports: readonly string[];
}

type Part =
  | { readonly kind: 'package' | 'app'; readonly root: string; readonly name: string }
  | { readonly kind: 'lab' | 'scripts' | 'tests' | 'other'; readonly root: string };

/** One message for each import and each name that breaks a rule. */
export function findImportProblems(files: readonly FileImports[]): readonly string[] {
  const apps = new Set(
    files.map((file) => partOf(file.path)).flatMap((p) => (p.kind === 'app' ? p.name : [])),
  );
  return files.flatMap((file) => [
    ...nameProblems(file.path),
    ...file.imports.flatMap((specifier) => {
      const problem = importProblem(file.path, specifier, apps);
      return problem === undefined ? [] : [`${file.path} imports ${specifier}: ${problem}`];
    }),
  ]);
}

function nameProblems(path: string): readonly string[] {
  const part = partOf(path);
  const problems = path
    .split('/')
    .map((segment) => segment.split('.')[0] ?? '')
    .filter((name) => vagueNames.includes(name))
    .map((name) => `${path}: "${name}" names no concept`);
  if (part.kind === 'package' && layerOf(part.name) < 0) {
    problems.push(`${path}: the package "${part.name}" is in no layer of scripts/import-rules.ts`);
  }
  return problems;
}

function importProblem(path: string, specifier: string, apps: ReadonlySet<string>): string | undefined {
  const from = partOf(path);
  const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
  if (isTestCode(target) && !isTestCode(path)) return 'only tests import test code';
  if (specifier.startsWith('.')) return relativeProblem(path, from, target);
  if (specifier.startsWith('@kata/')) return workspaceProblem(from, specifier.split('/')[1] ?? '', apps);
  const module = isBuiltin(specifier) ? `node:${specifier.replace('node:', '')}` : specifier;
  if (!module.startsWith('node:') || isTest(path)) return undefined;
  if (from.kind !== 'package' || !purePackages.includes(from.name)) return undefined;
  return pureModules.includes(module) ? undefined : `the package "${from.name}" does no input or output`;
}

function relativeProblem(path: string, from: Part, target: string): string | undefined {
  if (partOf(target).root === from.root) return isTest(path) ? undefined : folderProblem(path, target);
  return 'a relative import stays inside its own package; use the name of the package';
}

function folderProblem(path: string, target: string): string | undefined {
  const [[, name = '', from = ''], [, , to = '']] = [path.split('/'), target.split('/')];
  const order = folders[name] ?? [];
  if (!order.includes(from) || order.indexOf(to) <= order.indexOf(from)) return undefined;
  return `the folder "${from}" comes before "${to}" in scripts/import-rules.ts`;
}

function workspaceProblem(from: Part, target: string, apps: ReadonlySet<string>): string | undefined {
  if (from.kind === 'tests') return undefined;
  if (target === 'lab') return 'only tests import the lab';
  if (apps.has(target)) return 'nothing imports a program';
  if (layerOf(target) < 0) return `there is no package "${target}"`;
  if (from.kind !== 'package') return undefined;
  if (layerOf(target) >= layerOf(from.name)) return 'imports point downwards only';
  if (purePackages.includes(from.name) && !purePackages.includes(target)) {
    return `the package "${from.name}" does no input or output`;
  }
  return undefined;
}

function layerOf(name: string): number {
  return layers.findIndex((names: readonly string[]) => names.includes(name));
}

function isTest(path: string): boolean {
  return path.startsWith('tests/') || /\.(test|exhaustive)\.ts$/.test(path);
}

/** Tests, and what only they need. */
function isTestCode(path: string): boolean {
  return isTest(path) || /\/(testkit|conformance)(\/|$)/.test(path);
}

function partOf(path: string): Part {
  const [top = '', name = ''] = path.split('/');
  switch (top) {
    case 'packages':
      return { kind: 'package', root: `packages/${name}`, name };
    case 'apps':
      return { kind: 'app', root: `apps/${name}`, name };
    case 'lab':
    case 'scripts':
    case 'tests':
      return { kind: top, root: top };
    default:
      return { kind: 'other', root: '' };
  }
}
