/** The end of a pod with the commands' own code, on a node in memory before a double of the API server. */
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
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readConfig } from '../config.ts';
import { decideAtEnd } from './end-of-pod.ts';
import { install } from './run-installation.ts';
import type { Session } from './session.ts';

const gone: ScriptedAnswer = { status: 404 };
const refused: ScriptedAnswer = { status: 403 };
const present: ScriptedAnswer = {
  status: 200,
  body: {
    metadata: { name: 'kata-deploy', namespace: 'kata', uid: 'd1', resourceVersion: '1' },
    spec: { template: { spec: {} } },
  },
};

/** What is answered about our DaemonSet, one time after the other; then the last goes on. */
let daemonSet: readonly ScriptedAnswer[];
let patches: number;
let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let payload: Payload;
let server: ScriptedApi;
let node: MemoryNode;

function answer({ method, path }: SeenRequest): ScriptedAnswer {
  if (path.startsWith('/api/v1/nodes/n1')) {
    if (method === 'PATCH') patches += 1;
    return { status: 200, body: { metadata: { name: 'n1', uid: 'u1', resourceVersion: '1' } } };
  }
  if (path.includes('/daemonsets/')) {
    const [next = gone, ...rest] = daemonSet;
    if (rest.length > 0) daemonSet = rest;
    return next;
  }
  if (/\/(daemonsets|runtimeclasses|pods)(\?|$)/.test(path)) return { status: 200, body: { items: [] } };
  return path.endsWith('/events') ? { status: 201, body: {} } : { status: 404 };
}

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), 'end-of-pod-walk-test-'));
  [payload] = await makeTwoTinyPayloads(scratch.path);
});

afterAll(async () => {
  await scratch.remove();
});

beforeEach(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  server = await startScriptedApi(answer);
  await writeFile(join(scratch.path, 'kubeconfig'), server.config.exportConfig());
  vi.stubEnv('KUBECONFIG', join(scratch.path, 'kubeconfig'));
  node = await MemoryNode.start(usualMachine);
  daemonSet = [present];
  // Without a node object: labels are not what is looked at here.
  await install(await session({}), { once: true, output: 'text' });
  patches = 0;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await server[Symbol.asyncDispose]();
});

async function session(place: Readonly<Record<string, string>> = { NODE_NAME: 'n1' }): Promise<Session> {
  const config = await readConfig({
    environment: { SHIMS_X86_64: 'qemu-snp remote', POD_NAMESPACE: 'kata', ...place },
    architecture: 'x86_64',
  });
  const servedHandlers = async (): Promise<readonly string[]> =>
    node
      .served()
      .split(', ')
      .map((one) => one.split(' by ')[0] ?? '');
  return {
    config,
    host: node.host,
    installation: node.installation(config.settings),
    engine: { version: async () => '2.2.1', servedHandlers },
    signal: undefined,
    apiLimits: {},
    pauseMs: 1,
    payload: async () => payload,
  };
}

test('a DaemonSet that is gone takes the installation with it', async () => {
  daemonSet = [gone];

  await decideAtEnd(await session());

  expect(node.served()).toBe('');
});

test('issue 12.21: what was installed anew while the removal waited for the lock stays as it is', async () => {
  const before = node.tree();
  daemonSet = [gone, present];

  await decideAtEnd(await session());

  expect(node.tree()).toEqual(before);
  expect(patches).toBe(0);
});

test('issue 12.21: whoever cannot ask again under the lock removes nothing', async () => {
  const before = node.served();
  daemonSet = [gone, refused];

  await expect(decideAtEnd(await session())).rejects.toMatchObject({ code: 'KATA_KUBE_FORBIDDEN' });

  expect(node.served()).toBe(before);
  expect(patches).toBe(0);
});
