/** Runs all tests that must pass before a change lands, and adds up their counts. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { formatSeconds } from '@kata/report';
import { execa } from 'execa';

interface Count {
  readonly passed: number;
  readonly failed: number;
  /** What failed, for the end of the output: a log of CI is often cut to its last lines. */
  readonly failures?: readonly string[];
}

/** What this reads of the JSON report of vitest. */
interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly name: string;
    /** Why the file failed as a whole, as in `beforeAll`. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

const repository = join(import.meta.dirname, '..');
// The cache of the lab.
const cache = process.env['LAB_CACHE'] ?? join(homedir(), '.cache/kata-lab');
const scratch = await mkdtemp(join(tmpdir(), 'kata-test-'));
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function runChecks(): Promise<Count> {
  const result = await stream(['node', 'scripts/check.ts']);
  return closingCount(result) ?? { passed: 0, failed: 1 };
}

async function testShim(): Promise<Count> {
  const cwd = join(repository, 'lab/shim');
  const env = { GOMODCACHE: join(cache, 'go/mod'), GOCACHE: join(cache, 'go/build'), GOFLAGS: '-modcacherw' };
  const vet = await execa('go', ['vet', './...'], { cwd, env, reject: false, stdio: 'inherit' });
  const tests = await execa('go', ['test', '-json', './...'], {
    cwd,
    env,
    reject: false,
    maxBuffer: 64 * 2 ** 20,
  });
  const events = tests.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { Action: string; Test?: string; Output?: string });
  const count = (action: string): number =>
    events.filter((event) => event.Action === action && event.Test !== undefined).length;
  const failed = count('fail') + count('skip');
  if (tests.failed) print(events.map((event) => event.Output ?? '').join(''));
  const broken = (vet.failed || tests.failed) && failed === 0 ? 1 : 0;
  return { passed: count('pass'), failed: failed + broken };
}

const labTools = [
  'kube',
  'cni',
  'containerd-2.4',
  'containerd-2.3',
  'containerd-2.2',
  'containerd-1.7',
  'crio',
  'shim',
  'helm',
  'argo',
];

/** Builds the tools of the cluster tests and shows the output: the first build on a machine takes many minutes. */
async function buildTools(): Promise<Count> {
  const result = await execa(join(repository, 'bin/lab'), ['build', ...labTools], {
    cwd: repository,
    reject: false,
    stdio: 'inherit',
  });
  return { passed: 0, failed: result.failed ? 1 : 0 };
}

async function testProject(project: string): Promise<Count> {
  const file = join(scratch, `${project}.json`);
  const argv = ['vitest', 'run', '--project', project, '--reporter=verbose', '--reporter=json'];
  const result = await stream([...argv, `--outputFile.json=${file}`], false);
  const report = await readFile(file, 'utf8').catch(() => undefined);
  if (report === undefined) return { passed: 0, failed: 1 };
  const parsed = JSON.parse(report) as Report;
  const { numPassedTests: passed, numTotalTests: total } = parsed;
  // A test that was skipped has not passed.
  const failed = total - passed;
  return {
    passed,
    failed: failed === 0 && result === undefined ? 1 : failed,
    failures: describeFailures(parsed),
  };
}

/** One entry for each test that did not pass, with the first lines of its message, and for each file that failed. */
function describeFailures({ testResults }: Report): readonly string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(repository, name);
    const ofFile = (message ?? '') === '' ? [] : [`${file}\n${firstLines(message)}`];
    const ofTests = assertionResults
      .filter(({ status }) => status !== 'passed')
      .map(
        ({ fullName, status, failureMessages }) =>
          `${file} > ${fullName}: ${status}\n${firstLines(failureMessages?.[0])}`,
      );
    return [...ofFile, ...ofTests].map((entry) => entry.trimEnd());
  });
}

function firstLines(text = ''): string {
  return text
    .split('\n')
    .slice(0, 12)
    .map((line) => `    ${line}`)
    .join('\n');
}

/** Shows the program's output. Returns it, or undefined when it was not captured and the program failed. */
async function stream(argv: readonly string[], capture = true): Promise<string | undefined> {
  const [program = '', ...rest] = argv;
  const result = await execa(program, rest, {
    cwd: repository,
    localDir: repository,
    preferLocal: true,
    reject: false,
    stdin: 'ignore',
    stdout: capture ? ['inherit', 'pipe'] : 'inherit',
    stderr: 'inherit',
  });
  return result.failed && !capture ? undefined : String(result.stdout ?? '');
}

function closingCount(output: string | undefined): Count | undefined {
  const match = /(\d+) passed, (\d+) failed\s*$/.exec(output ?? '');
  return match === null ? undefined : { passed: Number(match[1]), failed: Number(match[2]) };
}

const parts = [
  ['checks', runChecks],
  ['slow unit tests', async () => await testProject('slow')],
  ['stand-in shim', testShim],
  ['tools of the lab', buildTools],
  ['chart', async () => await testProject('chart')],
  ['engines', async () => await testProject('engines')],
  ['lab', async () => await testProject('lab')],
  ['cluster', async () => await testProject('cluster')],
] as const;

const rows: string[] = [];
const failures: string[] = [];
const total = { passed: 0, failed: 0 };
try {
  for (const [name, run] of parts) {
    const startedAt = performance.now();
    print(`\n── ${name} ──`);
    const { passed, failed, failures: found = [] } = await run();
    failures.push(...found);
    total.passed += passed;
    total.failed += failed;
    const seconds = formatSeconds((performance.now() - startedAt) / 1000);
    rows.push(
      `${failed === 0 ? '✔' : '✘'} ${name.padEnd(16)} ${seconds.padStart(6)}  ${passed} passed, ${failed} failed,`,
    );
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
print(`\n${rows.join('\n')}`);
if (failures.length > 0) print(`\nNot passed:\n\n${failures.join('\n')}`);
print(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
