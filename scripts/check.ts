/** Runs every check that needs no cluster, and says which failed. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { formatSeconds } from '@kata/report';
import { execa } from 'execa';
import { findSilencedRules } from './silenced-rules.ts';
import { listSourceFiles } from './source-files.ts';

interface Check {
  readonly name: string;
  readonly run: () => Promise<CheckResult>;
}

interface CheckResult {
  readonly passed: boolean;
  readonly output: string;
}

const repository = join(import.meta.dirname, '..');

// The longest first, so that it does not run alone at the end.
const checks: readonly Check[] = [
  command('unit tests', ['vitest', 'run', '--project', 'unit']),
  command('types', ['tsc', '--noEmit']),
  command('lint', ['oxlint', '--deny-warnings', '.']),
  command('unused', ['knip', '--no-config-hints']),
  command('format', ['oxfmt', '--check', '.']),
  command('imports', ['node', 'scripts/check-imports.ts']),
  command('words', ['node', 'scripts/check-words.ts']),
  command('reference', ['node', 'scripts/write-reference.ts', '--check']),
  { name: 'silenced rules', run: checkSilencedRules },
];

function command(name: string, argv: readonly [string, ...string[]]): Check {
  const [program, ...rest] = argv;
  return {
    name,
    run: async () => {
      const result = await execa(program, rest, {
        all: true,
        cwd: repository,
        env: { NO_COLOR: '1' },
        localDir: repository,
        preferLocal: true,
        reject: false,
        stdin: 'ignore',
        timeout: 20 * 60_000,
      });
      return { passed: !result.failed, output: `${result.all}${result.timedOut ? '\ntimed out' : ''}` };
    },
  };
}

async function checkSilencedRules(): Promise<CheckResult> {
  const found = [];
  for (const path of await listSourceFiles(repository)) {
    if (path.endsWith('.ts')) {
      found.push(...findSilencedRules(path, await readFile(join(repository, path), 'utf8')));
    }
  }
  const unexplained = found.filter((rule) => rule.reason === '');
  return {
    passed: unexplained.length === 0,
    output: [
      `silenced rules: ${found.length}, without a reason: ${unexplained.length}`,
      ...found.map(
        (rule) => `  ${rule.path}:${rule.line} ${rule.comment}${rule.reason === '' ? '  <- why?' : ''}`,
      ),
    ].join('\n'),
  };
}

const waiting = [...checks];
const results = new Map<Check, CheckResult>();

async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const startedAt = performance.now();
    const result = await check.run();
    results.set(check, result);
    const seconds = formatSeconds((performance.now() - startedAt) / 1000);
    print(`${result.passed ? '✔' : '✘'} ${check.name.padEnd(16)} ${seconds.padStart(6)}`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));

let failed = 0;
for (const [check, { passed, output }] of results) {
  if (passed) continue;
  failed += 1;
  print(`\n── ${check.name} ──\n${output.trim()}`);
}
const silenced = [...results].find(([check, result]) => check.run === checkSilencedRules && result.passed);
if (silenced !== undefined) print(`\n${silenced[1].output}`);
print(`\n${results.size - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
