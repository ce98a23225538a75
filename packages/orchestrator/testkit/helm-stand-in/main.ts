/** Stands in for the program `helm`: revisions are in a file of JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { HelmState } from '../fake-helm.ts';

let input: string | undefined;
const [file = '', command = '', ...words] = process.argv.slice(2);
const state = JSON.parse(readFileSync(file, 'utf8')) as HelmState;
const flag = words.indexOf('--revision');
const asked = flag < 0 ? state.revisions.length : Number(words[flag + 1]);
const found = state.revisions[asked - 1];

if (found?.isRemoved === true && (command === 'get' || command === 'status')) {
  process.stderr.write('Error: release: not found\n');
  process.exit(1);
}

switch (command) {
  case 'version':
    process.stdout.write('v3.19.0');
    break;
  case 'get':
    print({ chart: 'kata-deploy', version: found?.version, appVersion: found?.version, revision: asked });
    break;
  case 'status':
    print(storedAs(asked, found?.version ?? '', found?.values));
    break;
  case 'history':
    print(state.revisions.map((_, index) => ({ revision: index + 1, ...infoOf(index + 1) })));
    break;
  case 'show':
    process.stdout.write(`name: kata-deploy\nversion: ${state.chart}\nappVersion: ${state.chart}\n`);
    break;
  case 'upgrade':
    if (!words.includes('--dry-run=server')) upgrade();
    print(storedAs(state.revisions.length + 1, state.chart, given()));
    break;
  case 'rollback': {
    const target = state.revisions[Number(words[1]) - 1];
    if (target === undefined) throw new Error('no such revision');
    writeFileSync(file, JSON.stringify({ ...state, revisions: [...state.revisions, target] }));
    break;
  }
  default:
    throw new Error(`unexpected: helm ${command} ${words.join(' ')}`);
}

function infoOf(revision: number): { readonly status: string } {
  return { status: revision < state.revisions.length ? 'superseded' : 'deployed' };
}

/** Only an upgrade with exactly the values on the standard input. */
function upgrade(): void {
  if (!words.includes('--reset-values')) throw new Error('values are expected');
  const revision = { version: state.chart, values: given() };
  writeFileSync(file, JSON.stringify({ ...state, revisions: [...state.revisions, revision] }));
}

function given(): object {
  if (!words.includes('--reset-values')) return {};
  input ??= readFileSync(0, 'utf8');
  return JSON.parse(input) as object;
}

function storedAs(revision: number, version: string, values: object = {}): object {
  const image = `registry.example/kata-deploy:${version}`;
  const spec = { containers: [{ name: 'kata-deploy', image }] };
  const manifest = JSON.stringify({
    ...{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'kata-deploy' } },
    spec: { template: { spec } },
  });
  return { version: revision, info: infoOf(revision), config: values, manifest };
}

function print(answer: unknown): void {
  process.stdout.write(JSON.stringify(answer));
}
