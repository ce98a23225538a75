/** An in-memory node with a fake API server, for tests of the agent. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Payload } from '@kata/artifacts';
import { JumpingClock } from '@kata/core/testkit';
import { MemoryNode, type Payloads, usePayloads, usualMachine } from '@kata/installer/testkit';
import { type ScriptedApi, startScriptedApi } from '@kata/kube/testkit';
import { resolveSettings } from '@kata/settings';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import type { AgentConfig, AgentContext } from '../context.ts';
import { install } from '../install.ts';
import { NodeApi } from './node-api.ts';

/** In addition to or instead of the usual variables; undefined: not set. */
type Environment = Readonly<Record<string, string | undefined>>;

export interface WalkOptions {
  readonly environment?: Environment;
}

export interface InstallWalkOptions extends WalkOptions {
  /** Left out: the first. */
  readonly payload?: Payload;
}

interface Started {
  readonly api: NodeApi;
  readonly node: MemoryNode;
  readonly server: ScriptedApi;
}

/** Each test has its own node and API server; neither exists before the test begins. */
export class Walk {
  readonly lines: string[] = [];
  readonly clock = new JumpingClock();
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

  async context({ environment = {} }: WalkOptions = {}): Promise<AgentContext> {
    const config = await configOf(environment);
    const { node } = this;
    const keep = (line: string): number => this.lines.push(`${line}\n`);
    return {
      config,
      host: node.host,
      installation: node.installation(config.settings),
      engine: { version: async () => '2.2.1', servedHandlers: async () => servedBy(node) },
      signal: undefined,
      apiLimits: {},
      clock: this.clock,
      report: { note: keep, result: keep },
    };
  }

  async install({ payload = this.first, ...options }: InstallWalkOptions = {}): Promise<void> {
    await install(await this.context(options), async () => payload);
  }

  /** The recorded current release. */
  async current(): Promise<string | null | undefined> {
    return (await (await this.context()).installation.readFacts()).record?.current;
  }
}

async function configOf(environment: Environment): Promise<AgentConfig> {
  const { settings, values } = await resolveSettings({
    flags: {},
    environment: { SHIMS_X86_64: 'qemu-snp remote', NODE_NAME: 'n1', POD_UID: 'pod-1', ...environment },
    readFile: async () => undefined,
    kataArchitecture: 'x86_64',
  });
  const { nodeName, podUid, daemonSetName, drift } = values;
  const namespace = 'kata';
  return { settings, nodeName, namespace, daemonSet: daemonSetName, podUid, drift, lockDirectory: undefined };
}

function servedBy(node: MemoryNode): readonly string[] {
  return node
    .served()
    .split(', ')
    .map((one) => one.split(' by ')[0] ?? '');
}

function begun<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the agent exists only during a test');
  return value;
}

/** Registers set-up and tear-down for the tests of a file. */
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
    const kubeconfig = join(scratch?.path ?? tmpdir(), 'kubeconfig');
    await walk.start(kubeconfig);
    vi.stubEnv('KUBECONFIG', kubeconfig);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await walk.end();
  });
  return walk;
}
