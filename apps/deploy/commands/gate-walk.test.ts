/** Gate, hold and resume with the commands' own code, on a node in memory before a double of the API server. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import { systemError } from '@kata/host';
import { makeTwoTinyPayloads, MemoryNode, usualMachine } from '@kata/installer/testkit';
import {
  type ScriptedAnswer,
  type ScriptedApi,
  type SeenRequest,
  startScriptedApi,
} from '@kata/kube/scripted';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../config.ts';
import { resume } from './resume.ts';
import { rollBackOn } from './rollback.ts';
import { install } from './run-installation.ts';
import type { Session } from './session.ts';

const approved = 'katacontainers.io/kata-approved-release';
const statusKey = 'katacontainers.io/kata-deploy-status';
const kataRuntime = 'katacontainers.io/kata-runtime';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: string;
}

/** What the API server keeps of one node and one ConfigMap. */
class NodeApi {
  readonly labels: Record<string, string> = {};
  readonly annotations: Record<string, string> = {};
  readonly events: unknown[] = [];
  list: Record<string, string> | undefined;

  answer({ method, path, body }: SeenRequest): ScriptedAnswer {
    if (path.startsWith('/api/v1/nodes/n1')) {
      if (method === 'PATCH') for (const operation of body as readonly Operation[]) this.#apply(operation);
      return { status: 200, body: this.#node() };
    }
    if (path.endsWith('/events')) {
      this.events.push((body as { readonly reason: string }).reason);
      return { status: 201, body: {} };
    }
    if (path.includes('/configmaps/kata-lifecycle') && this.list !== undefined) {
      return { status: 200, body: { data: this.list } };
    }
    return path.endsWith('/daemonsets') ? { status: 200, body: { items: [] } } : { status: 404 };
  }

  get status(): Record<string, unknown> {
    return JSON.parse(this.annotations[statusKey] ?? '{}') as Record<string, unknown>;
  }

  #node(): object {
    const { labels, annotations } = this;
    return { metadata: { name: 'n1', uid: 'u1', resourceVersion: '1', labels, annotations } };
  }

  #apply({ op, path, value = '' }: Operation): void {
    const [, kind = '', key = ''] = /^\/metadata\/([a-z]+)\/(.+)$/.exec(path) ?? [];
    if (kind !== 'labels' && kind !== 'annotations') return;
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    if (op === 'remove') delete this[kind][name];
    else if (op !== 'test') this[kind][name] = value;
  }
}

const lines: string[] = [];
let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let first: Payload;
let second: Payload;
let server: ScriptedApi;
let api: NodeApi;
let node: MemoryNode;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), 'gate-walk-test-'));
  [first, second] = await makeTwoTinyPayloads(scratch.path);
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

async function sessionOf(payload: Payload, shims = 'qemu-snp remote'): Promise<Session> {
  const config = await readConfig({
    environment: { SHIMS_X86_64: shims, NODE_NAME: 'n1', POD_NAMESPACE: 'kata', POD_UID: 'pod-1' },
    architecture: 'x86_64',
  });
  return {
    config,
    host: node.host,
    installation: node.installation(config.settings),
    engine: {
      version: async () => '2.2.1',
      servedHandlers: async () =>
        node
          .served()
          .split(', ')
          .map((one) => one.split(' by ')[0] ?? ''),
    },
    signal: undefined,
    apiLimits: {},
    pauseMs: 1,
    payload: async () => payload,
  };
}

const installed = async (payload: Payload): Promise<void> => await install(await sessionOf(payload), once);
const once = { once: true, output: 'text' } as const;
const current = async (): Promise<unknown> =>
  (await (await sessionOf(first)).installation.readFacts()).record?.current;
const printed = (): string => lines.join('');

describe('behind the gate (issue 12.13)', () => {
  test('a held node reports the offer, and each attempt is seen', async () => {
    api.list = {};
    await installed(first);
    const { time, ...status } = api.status;
    await installed(first);

    expect(status).toEqual({
      phase: 'held',
      reason: 'NotApproved',
      version: '',
      release: '',
      offered: expect.stringMatching(/^3\.24\.0-[0-9a-f]{8}$/) as string,
      podUid: 'pod-1',
      attempt: 1,
    });
    expect(api.status).toEqual({ ...status, time, attempt: 2 });
    expect(api.labels).toEqual({});
    expect(api.events).toEqual(['Held']);
  });

  test('a held node that serves keeps its labels; one that serves nothing has none that says so', async () => {
    await installed(first);
    const serving = { ...api.labels };
    api.list = {};

    await installed(second);
    expect(api.labels).toEqual(serving);
    expect(api.status).toMatchObject({ phase: 'held', current: await current(), version: '3.24.0' });

    await node.host.files.write('/etc/containerd/config.toml', Buffer.from('version = 2\n'));
    await node.boot();
    await installed(second);
    expect(api.labels).toEqual({ [kataRuntime]: 'false', 'kata-deploy.katacontainers.io/default': 'false' });
  });

  test('a switch that was interrupted is finished, though the record is there already', async () => {
    await installed(first);
    await installed(second);
    const release = String(await current());
    api.list = {};
    api.annotations[approved] = release;
    // Killed after the record was written and before the link was set.
    const { previous } = (await (await sessionOf(first)).installation.readFacts()).record ?? {};
    await node.host.files.setLink('/opt/kata/current', `releases/${previous}`);
    await node.boot();
    expect(node.served()).toContain('shim 3.24.0');

    await installed(first);

    expect(node.served()).toBe('kata-qemu-snp by shim 3.25.0, kata-remote by shim 3.25.0');
    expect(api.status).toMatchObject({ phase: 'installed', approved: release, current: release, previous });
  });

  test('a held node is made whole: nothing new comes, and nothing stays half done', async () => {
    await installed(first);
    const before = node.served();
    node.onStep = ({ path }) => {
      if (path.includes('/opt/kata/current')) throw new Error('killed');
    };
    await expect(installed(second)).rejects.toThrow('killed');
    node.onStep = undefined;
    api.list = {};

    await installed(second);

    const facts = await (await sessionOf(first)).installation.readFacts();
    expect(facts.unfinished).toBeUndefined();
    expect(node.served()).toBe(before);
    expect(api.status).toMatchObject({ phase: 'held', reason: 'NotApproved', version: '3.24.0' });
  });

  test('a new node installs an offer that the list has', async () => {
    api.list = { accepted: '' };
    await installed(first);
    api.list = { accepted: `3.1.0-00000000\n${String(api.status['offered'])}\n` };

    await installed(first);

    expect(api.status).toMatchObject({ phase: 'installed', version: '3.24.0' });
    expect(api.labels[kataRuntime]).toBe('true');
  });

  test('a failure reports its code and message, and what is served', async () => {
    await installed(first);
    node.onStep = ({ path }) => {
      if (path.includes('.new/')) throw systemError('ENOSPC', 'write', path);
    };

    await expect(installed(second)).rejects.toMatchObject({ code: 'KATA_HOST_NO_SPACE' });

    expect(api.status).toMatchObject({
      phase: 'failed',
      version: '3.24.0',
      code: 'KATA_HOST_NO_SPACE',
      message: expect.stringContaining('/opt/kata/releases/') as string,
    });
  });
});

test('issue 12.21: what may pass and lasts is reported, too', async () => {
  const main = '/etc/containerd/config.toml';
  let edits = 0;
  node.onStep = ({ call, path }) => {
    if (call !== 'create' || !path.startsWith('/etc/containerd/.config.toml')) return;
    edits += 1;
    const content = `version = 2\nroot = "/theirs-${edits}"\n`;
    node.host.files.seed(main, { content, mode: 0o640 });
  };

  await expect(installed(first)).rejects.toMatchObject({ exitCode: 75 });

  expect(api.status).toMatchObject({
    phase: 'failed',
    code: 'KATA_ENGINE_FILE_CHANGING',
    message: expect.stringContaining(main) as string,
  });
  expect(api.events).toEqual(['InstallFailed']);
});

describe('an administrator holds a node (issue 12.15)', () => {
  const back = { output: 'text' } as const;

  test('without management a rollback says that the payload comes back, and how to stay', async () => {
    await installed(first);
    await installed(second);

    await rollBackOn(await sessionOf(second), back);

    expect(printed()).toContain(
      `installs its payload again; to stay here: kata-deploy rollback --to ${String(await current())} --hold`,
    );
    await installed(second);
    expect(api.status).toMatchObject({ phase: 'installed', version: '3.25.0' });
  });

  test('--hold keeps it there, whatever starts, until resume', async () => {
    await installed(first);
    await installed(second);

    await rollBackOn(await sessionOf(second), { ...back, hold: true });
    const release = await current();
    expect(api.status).toMatchObject({ phase: 'held', reason: 'HeldByAdministrator', current: release });
    await installed(second);

    expect(await current()).toBe(release);
    expect(api.status).toMatchObject({ phase: 'held', reason: 'HeldByAdministrator', version: '3.24.0' });
    expect(api.labels[kataRuntime]).toBe('true');
    expect(printed()).toContain('to let it have the payload: kata-deploy resume');

    await resume(await sessionOf(second));
    expect(api.status).toMatchObject({ phase: 'installed', version: '3.24.0' });
    await installed(second);
    expect(api.status).toMatchObject({ phase: 'installed', version: '3.25.0' });
  });

  test('under management --hold is refused and names the approval to set', async () => {
    await installed(first);
    await installed(second);
    api.list = {};
    const before = node.tree();

    await expect(rollBackOn(await sessionOf(second), { ...back, hold: true })).rejects.toMatchObject({
      code: 'KATA_ROLLBACK_MANAGED',
      exitCode: 4,
      hint: expect.stringMatching(/kubectl annotate node n1 --overwrite \S+=3\.24\.0-[0-9a-f]{8}$/) as string,
    });
    expect(node.tree()).toEqual(before);
  });

  test('an approval that is acted on ends an older hold', async () => {
    await installed(first);
    await installed(second);
    await rollBackOn(await sessionOf(second), { ...back, hold: true });
    api.list = {};
    api.annotations[approved] = '3.25.0';

    await installed(second);

    expect(api.status).toMatchObject({ phase: 'installed', version: '3.25.0', approved: '3.25.0' });
    const { record } = await (await sessionOf(second)).installation.readFacts();
    expect(record?.hold).toBeUndefined();
  });
});
