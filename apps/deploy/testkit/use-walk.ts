/** A node in memory before a double of the API server, for the tests that walk through the commands' own code. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import { MemoryNode, type Payloads, usePayloads, usualMachine } from '@kata/installer/testkit';
import { type ScriptedApi, startScriptedApi } from '@kata/kube/scripted';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { install } from '../commands/run-installation.ts';
import type { Session } from '../commands/session.ts';
import { readConfig } from '../config.ts';
import { NodeApi } from './node-api.ts';

export interface WalkOptions {
  /** Left out: the first. */
  readonly payload?: Payload;
  /** Beside or instead of what is usual; undefined: it is not set. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

interface Started {
  readonly api: NodeApi;
  readonly node: MemoryNode;
  readonly server: ScriptedApi;
}

/** Each test has a node and an API server of its own; nothing of it is there before the test begins. */
export class Walk {
  readonly lines: string[] = [];
  readonly #payloads: Payloads;
  #started: Started | undefined;

  constructor(payloads: Payloads) {
    this.#payloads = payloads;
  }

  /** 3.24.0 */
  get first(): Payload {
    return this.#payloads.first;
  }

  /** 3.25.0 */
  get second(): Payload {
    return this.#payloads.second;
  }

  get api(): NodeApi {
    return begun(this.#started).api;
  }

  get node(): MemoryNode {
    return begun(this.#started).node;
  }

  get printed(): string {
    return this.lines.join('');
  }

  async start(kubeconfig: string): Promise<void> {
    const api = new NodeApi();
    const server = await startScriptedApi((request) => api.answer(request));
    this.#started = { api, server, node: await MemoryNode.start(usualMachine) };
    await writeFile(kubeconfig, server.kubeconfig);
    this.lines.length = 0;
  }

  async end(): Promise<void> {
    await this.#started?.server[Symbol.asyncDispose]();
    this.#started = undefined;
  }

  async session({ payload = this.first, environment = {} }: WalkOptions = {}): Promise<Session> {
    const config = await readConfig({
      environment: {
        SHIMS_X86_64: 'qemu-snp remote',
        NODE_NAME: 'n1',
        POD_NAMESPACE: 'kata',
        POD_UID: 'pod-1',
        ...environment,
      },
      architecture: 'x86_64',
    });
    const { node } = this;
    return {
      config,
      host: node.host,
      installation: node.installation(config.settings),
      engine: { version: async () => '2.2.1', servedHandlers: async () => servedBy(node) },
      signal: undefined,
      apiLimits: {},
      pauseMs: 1,
      payload: async () => payload,
    };
  }

  async install(options: WalkOptions = {}): Promise<void> {
    await install(await this.session(options), { once: true, output: 'text' });
  }

  /** The release that the record names. */
  async current(): Promise<string | null | undefined> {
    return (await (await this.session()).installation.readFacts()).record?.current;
  }
}

function servedBy(node: MemoryNode): readonly string[] {
  return node
    .served()
    .split(', ')
    .map((one) => one.split(' by ')[0] ?? '');
}

function begun<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the walk has not begun');
  return value;
}

/** Registers what comes before and after each test of the file. */
export function useWalk(): Walk {
  const walk = new Walk(usePayloads());
  let scratch: Awaited<ReturnType<typeof mkdtempDisposable>> | undefined;
  beforeAll(async () => {
    scratch = await mkdtempDisposable(join(tmpdir(), 'walk-test-'));
  });
  afterAll(async () => {
    await scratch?.remove();
  });
  beforeEach(async () => {
    const keep = (text: unknown): boolean => walk.lines.push(String(text)) > 0;
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
    const kubeconfig = join(scratch?.path ?? tmpdir(), 'kubeconfig');
    await walk.start(kubeconfig);
    vi.stubEnv('KUBECONFIG', kubeconfig);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await walk.end();
  });
  return walk;
}
