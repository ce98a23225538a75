/** Drift with the commands' own code, on a node in memory before a double of the API server. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import { makeTwoTinyPayloads, MemoryNode, usualMachine } from '@kata/installer/testkit';
import {
  type ScriptedAnswer,
  type ScriptedApi,
  type SeenRequest,
  startScriptedApi,
} from '@kata/kube/scripted';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../config.ts';
import { lookForDrift } from './look-for-drift.ts';
import { install } from './run-installation.ts';
import type { Session } from './session.ts';

const statusKey = 'katacontainers.io/kata-deploy-status';
const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
/** What the other tool wrote stays, and our import comes back into it. */
const ourImport = /^version = 3\nimports = \["\/opt\/kata\/containerd\//;
const mainFile = '/etc/containerd/config.toml';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: string;
}

/** What the API server keeps of one node; 0: it is away. */
class NodeApi {
  readonly labels: Record<string, string> = {};
  readonly annotations: Record<string, string> = {};
  readonly events: string[] = [];
  /** Each status that was written. */
  readonly phases: string[] = [];
  isAway = false;

  answer({ method, path, body }: SeenRequest): ScriptedAnswer {
    if (this.isAway) return { status: 403 };
    if (path.startsWith('/api/v1/nodes/n1')) {
      if (method === 'PATCH') for (const operation of body as readonly Operation[]) this.#apply(operation);
      const { labels, annotations } = this;
      const metadata = { name: 'n1', uid: 'u1', resourceVersion: '1', labels, annotations };
      return { status: 200, body: { metadata } };
    }
    if (path.endsWith('/events')) {
      this.events.push((body as { readonly reason: string }).reason);
      return { status: 201, body: {} };
    }
    if (/\/(daemonsets|runtimeclasses|pods)(\?|$)/.test(path)) return { status: 200, body: { items: [] } };
    return { status: 404 };
  }

  #apply({ op, path, value = '' }: Operation): void {
    const [, kind = '', key = ''] = /^\/metadata\/([a-z]+)\/(.+)$/.exec(path) ?? [];
    if (kind !== 'labels' && kind !== 'annotations') return;
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    if (op === 'remove') delete this[kind][name];
    else if (op !== 'test') this[kind][name] = value;
    if (kind === 'annotations' && op !== 'test' && op !== 'remove') {
      this.phases.push((JSON.parse(value) as { phase: string }).phase);
    }
  }
}

const lines: string[] = [];
let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let payload: Payload;
let newer: Payload;
let server: ScriptedApi;
let api: NodeApi;
let node: MemoryNode;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), 'drift-walk-test-'));
  [payload, newer] = await makeTwoTinyPayloads(scratch.path);
});

afterAll(async () => {
  await scratch.remove();
});

beforeEach(async () => {
  lines.length = 0;
  const keep = (text: unknown): boolean => lines.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  api = new NodeApi();
  server = await startScriptedApi((request) => api.answer(request));
  await writeFile(join(scratch.path, 'kubeconfig'), server.config.exportConfig());
  vi.stubEnv('KUBECONFIG', join(scratch.path, 'kubeconfig'));
  node = await MemoryNode.start(usualMachine);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await server[Symbol.asyncDispose]();
});

const served = (): readonly string[] =>
  node
    .served()
    .split(', ')
    .map((one) => one.split(' by ')[0] ?? '');

async function session(drift = 'repair', offered = payload, shims = 'qemu-snp remote'): Promise<Session> {
  const config = await readConfig({
    environment: { SHIMS_X86_64: shims, NODE_NAME: 'n1', POD_NAMESPACE: 'kata', DRIFT: drift },
    architecture: 'x86_64',
  });
  return {
    config,
    host: node.host,
    installation: node.installation(config.settings),
    engine: { version: async () => '2.2.1', servedHandlers: async () => served() },
    signal: undefined,
    apiLimits: {},
    pauseMs: 1,
    payload: async () => offered,
  };
}

const installed = async (): Promise<void> => await install(await session(), { once: true, output: 'text' });
const look = async (drift?: string): Promise<boolean> => await lookForDrift(await session(drift, newer));
const text = async (path: `/${string}`): Promise<string> =>
  (await node.host.files.read(path))?.toString('utf8') ?? '';

/** From there on nothing is done any more. */
function killAt(place: string): void {
  let isKilled = false;
  node.onStep = ({ path }) => {
    isKilled ||= path.startsWith(place);
    if (isKilled) throw new Error('killed');
  };
}

/** Another tool, which knows nothing of us. */
async function rewriteMainFile(): Promise<string> {
  const before = await text(mainFile);
  await node.host.files.write(mainFile, Buffer.from('version = 3\n'));
  await node.restartByOthers();
  return before;
}

describe('issue 12.21: drift', () => {
  test('where nothing is installed there is none, nor right after an installation', async () => {
    expect(await look()).toBe(false);
    await installed();
    const labels = { ...api.labels };
    const annotations = { ...api.annotations };

    expect(await look()).toBe(false);

    expect(api).toMatchObject({ labels, annotations, events: ['Installed'] });
  });

  test('the engine is told nothing of us any more: said with labels that are true, and repaired to the recorded release', async () => {
    await installed();
    await rewriteMainFile();
    api.phases.length = 0;
    const current = (await (await session()).installation.readFacts()).record?.current;

    expect(await look()).toBe(true);

    expect(api.phases).toEqual(['drifted', 'installed']);
    expect(api.events).toEqual(['Installed', 'Drifted', 'DriftRepaired']);
    expect(api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(api.labels).not.toHaveProperty(statusKey);
    expect(await text(mainFile)).toMatch(ourImport);
    expect((await (await session()).installation.readFacts()).record?.current).toBe(current);
    expect(await look()).toBe(false);
  });

  test('a handler that stayed for a pod is no drift after that pod ended, and comes back when it is rewritten away', async () => {
    const trace = '/run/vc/sbs/0123456789abcdef';
    const once = { once: true, output: 'text' } as const;
    await installed();
    node.host.files.seed(trace, { directory: true });
    await install(await session('repair', payload, 'remote'), once);
    const both = node.served();
    await node.host.files.removeTree(trace);
    const restarts = node.host.units.restarts.length;

    expect(await look()).toBe(false);

    expect(node.host.units.restarts.length).toBe(restarts);
    expect(both).toMatch(/^kata-qemu-snp by .*, kata-remote by /);
    await rewriteMainFile();
    expect(await look()).toBe(true);
    expect(node.served()).toBe(both);
    expect(await look()).toBe(false);
    await install(await session('repair', payload, 'remote'), once);
    expect(node.served()).toMatch(/^kata-remote by [^,]*$/);
  });

  test('a repair that was killed is finished by the next look', async () => {
    await installed();
    await rewriteMainFile();
    killAt('/etc/containerd/.config.toml');
    await expect(look()).rejects.toThrow();
    node.onStep = undefined;
    expect((await (await session()).installation.readFacts()).unfinished).toBeDefined();

    expect(await look('report').catch(({ exitCode }: { exitCode: number }) => exitCode)).toBe(4);
    expect(await look()).toBe(true);

    expect(await text(mainFile)).toMatch(ourImport);
    expect((await (await session()).installation.readFacts()).unfinished).toBeUndefined();
    expect(api.phases.at(-1)).toBe('installed');
    expect(api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(await look()).toBe(false);
  });

  test('an installation that was killed is for the installer to finish, and no success', async () => {
    await installed();
    killAt('/opt/kata/current');
    await install(await session('repair', newer), { once: true, output: 'text' }).catch(() => undefined);
    node.onStep = undefined;
    const before = node.tree();

    await expect(look()).rejects.toMatchObject({ code: 'KATA_DRIFT_INTERRUPTED', exitCode: 4 });

    expect(node.tree()).toEqual(before);
  });

  test.each(['failed', 'cleanup-pending', 'held'])(
    'a node that said %s says so again after a repair',
    async (phase) => {
      await installed();
      const status = { ...(JSON.parse(api.annotations[statusKey] ?? '') as object), phase, reason: 'Before' };
      api.annotations[statusKey] = JSON.stringify(status);
      await rewriteMainFile();
      api.phases.length = 0;

      expect(await look()).toBe(true);
      expect(await look()).toBe(false);

      expect(api.phases).toEqual(['drifted', phase]);
      expect(JSON.parse(api.annotations[statusKey] ?? '')).toMatchObject({ phase, reason: 'Before' });
      expect(api.labels[own]).toBe(phase === 'cleanup-pending' ? 'false' : 'true');
    },
  );

  test('a link that somebody deleted is set again', async () => {
    await installed();
    await node.host.files.remove('/opt/kata/bin');

    expect(await look()).toBe(true);

    expect((await node.host.files.info('/opt/kata/bin'))?.target).toBe('current/bin');
    expect(api.events).toEqual(['Installed', 'Drifted', 'DriftRepaired']);
  });

  test('with DRIFT=report it is only said, once, and no longer when it is gone', async () => {
    await installed();
    const before = await rewriteMainFile();

    expect(await look('report')).toBe(true);
    expect(await look('report')).toBe(true);

    expect(await text(mainFile)).toBe('version = 3\n');
    expect(api.labels).toMatchObject({ [own]: 'false', [shared]: 'false', [statusKey]: 'drifted' });
    expect(api.events).toEqual(['Installed', 'Drifted']);
    await node.host.files.write(mainFile, Buffer.from(before));
    await node.restartByOthers();
    expect(await look('report')).toBe(false);
    expect(api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(api.labels).not.toHaveProperty(statusKey);
  });

  test('an API server that refuses keeps nobody from repairing', async () => {
    await installed();
    await rewriteMainFile();
    api.isAway = true;

    await look().catch(() => undefined);

    expect(await text(mainFile)).toMatch(ourImport);
  });

  test('labels that a node object lost come back, and that is named', async () => {
    await installed();
    for (const key of Object.keys(api.labels)) delete api.labels[key];
    delete api.annotations[statusKey];

    expect(await look()).toBe(false);

    expect(api.events).toEqual(['Installed', 'NodeReturned']);
    expect(api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });
});

test('issue 12.21: an older version is no upgrade', async () => {
  await install(await session('repair', newer), { once: true, output: 'text' });
  await installed();

  expect(api.events).toEqual(['Installed', 'Downgraded']);
});
