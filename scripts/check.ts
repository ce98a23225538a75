/** Runs every check that needs no cluster, and reports which failed. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { formatSeconds } from '@kata/report';
import { execa } from 'execa';
import { checkSources } from './source-rules.ts';

interface Check {
  readonly name: string;
  readonly run: () => Promise<CheckResult>;
}

interface CheckResult {
  readonly passed: boolean;
  readonly output: string;
}

const repository = join(import.meta.dirname, '..');

// The longest first, so that the others run during it.
const checks: readonly Check[] = [
  command('unit tests', ['vitest', 'run', '--project', 'unit']),
  command('types', ['tsc', '--noEmit']),
  command('lint', ['oxlint', '--deny-warnings', '.']),
  command('unused', ['knip', '--no-config-hints']),
  command('format', ['oxfmt', '--check', '.']),
  command('words', ['node', 'scripts/check-words.ts']),
  command('reference', ['node', 'scripts/write-reference.ts', '--check']),
  { name: 'sources', run: runSourceRules },
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

/** Import direction, circles, length of files, size of apps, silenced rules. */
async function runSourceRules(): Promise<CheckResult> {
  const { problems, silenced } = await checkSources(repository);
  const rows = silenced.map(({ path, line, comment }) => `  ${path}:${line} ${comment}`);
  return {
    passed: problems.length === 0,
    output: [...problems, `silenced rules: ${silenced.length}`, ...rows].join('\n'),
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
const sources = [...results].find(([check, result]) => check.run === runSourceRules && result.passed);
if (sources !== undefined) print(`\n${sources[1].output}`);
print(`\n${results.size - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
