/** An API server in memory: objects, lists, watches, JSON patches with their tests. What controllers do, a test does. */
import {
  type ScriptedAnswer,
  type ScriptedApi,
  type SeenRequest,
  startScriptedApi,
} from '@kata/kube/testkit';
import { applyJsonPatch } from './apply-json-patch.ts';

export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly path: string;
  readonly object: FakeObject;
}

const collections = {
  nodes: '/api/v1/nodes',
  pods: '/api/v1/namespaces/NAMESPACE/pods',
  configmaps: '/api/v1/namespaces/NAMESPACE/configmaps',
  secrets: '/api/v1/namespaces/NAMESPACE/secrets',
  events: '/api/v1/namespaces/NAMESPACE/events',
  daemonsets: '/apis/apps/v1/namespaces/NAMESPACE/daemonsets',
  leases: '/apis/coordination.k8s.io/v1/namespaces/NAMESPACE/leases',
} as const;

type Collection = keyof typeof collections;

export class FakeCluster implements AsyncDisposable {
  /** Called after each change, such as for what the kubelet does. */
  react: (change: Change) => void = () => undefined;
  /** Why a new pod is refused; undefined: it is taken. */
  refusePod: (pod: FakeObject) => string | undefined = () => undefined;
  /** The message about the budget that forbids to evict a pod; undefined: it is evicted. */
  refuseEviction: (pod: string) => string | undefined = () => undefined;
  readonly #objects = new Map<string, FakeObject>();
  readonly #changes: Change[] = [];
  #version = 100;
  #changed = Promise.withResolvers<void>();
  #api: ScriptedApi | undefined;

  static async start(): Promise<FakeCluster> {
    const cluster = new FakeCluster();
    cluster.#api = await startScriptedApi((request) => cluster.#answer(request));
    return cluster;
  }

  get api(): ScriptedApi {
    if (this.#api === undefined) throw new Error('not started');
    return this.#api;
  }

  /** Those that changed something, as `PATCH nodes/n1`; without Leases. */
  get writes(): readonly string[] {
    return this.api.seen
      .filter(({ method, path }) => method !== 'GET' && !path.includes('/leases'))
      .map(({ method, path }) => `${method} ${shortPath(path)}`);
  }

  put(collection: Collection, object: FakeObject): void {
    const path = `${pathOf(collection, object.metadata.namespace)}/${object.metadata.name}`;
    this.#store(path, object);
  }

  get(collection: Collection, name: string, namespace?: string): FakeObject | undefined {
    return this.#objects.get(`${pathOf(collection, namespace)}/${name}`);
  }

  remove(collection: Collection, name: string, namespace?: string): void {
    this.#remove(`${pathOf(collection, namespace)}/${name}`);
  }

  /** Watches deliver it a second later. */
  removeUnseen(collection: Collection, name: string, namespace?: string): void {
    const path = `${pathOf(collection, namespace)}/${name}`;
    const object = this.#objects.get(path);
    if (object === undefined) return;
    this.#objects.delete(path);
    setTimeout(() => {
      this.#objects.set(path, object);
      this.#remove(path);
    }, 1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#notify();
    await this.#api?.[Symbol.asyncDispose]();
  }

  #answer(request: SeenRequest): ScriptedAnswer {
    const { pathname: path, searchParams: query } = new URL(request.path, 'http://fake');
    const found = this.#objects.get(path);
    switch (request.method) {
      case 'GET':
        if (found !== undefined) return { status: 200, body: found };
        if (query.get('watch') !== null) return { status: 200, lines: this.#watch(path, query) };
        return isCollection(path) ? { status: 200, body: this.#list(path, query) } : absent;
      case 'POST':
        return this.#create(path, request.body as FakeObject, query.has('dryRun'));
      case 'PATCH':
        return found === undefined ? absent : this.#patch(path, found, request.body);
      case 'DELETE':
        return found === undefined ? absent : this.#delete(path, found);
      default:
        return { status: 405 };
    }
  }

  #list(path: string, query: URLSearchParams): object {
    const items = [...this.#objects]
      .filter(([key, object]) => isIn(key, path) && isSelected(object, query))
      .map(([, object]) => object);
    return { metadata: { resourceVersion: String(this.#version) }, items };
  }

  async *#watch(path: string, query: URLSearchParams): AsyncGenerator<object> {
    const since = Number(query.get('resourceVersion'));
    for (let at = 0; ; at += 1) {
      while (at >= this.#changes.length) await this.#changed.promise;
      const change = this.#changes[at];
      if (change === undefined || Number(change.object.metadata.resourceVersion) <= since) continue;
      const { type, object } = change;
      if (isIn(change.path, path) && isSelected(object, query)) yield { type, object };
    }
  }

  #create(collection: string, object: FakeObject, isDryRun: boolean): ScriptedAnswer {
    if (collection.endsWith('/eviction')) return this.#evict(collection.replace('/eviction', ''), object);
    const namespace = /namespaces\/([^/]+)/.exec(collection)?.[1];
    const path = `${collection}/${object.metadata.name}`;
    if (this.#objects.has(path)) return failure(409, 'it already exists', 'AlreadyExists');
    const refusal = collection.endsWith('/pods') ? this.refusePod(object) : undefined;
    if (refusal !== undefined) return failure(403, refusal, 'Forbidden');
    const created = {
      ...object,
      metadata: { ...object.metadata, namespace, creationTimestamp: new Date().toISOString() },
    };
    return { status: 201, body: isDryRun ? created : this.#store(path, created as FakeObject) };
  }

  #evict(path: string, { metadata }: FakeObject): ScriptedAnswer {
    const message = this.refuseEviction(metadata.name);
    if (message === undefined) {
      this.#remove(path);
      return { status: 201, body: { kind: 'Status', status: 'Success' } };
    }
    const causes = [{ reason: 'DisruptionBudget', message }];
    const status = { kind: 'Status', status: 'Failure', code: 429, reason: 'TooManyRequests', message };
    return { status: 429, body: { ...status, details: { causes } } };
  }

  #patch(path: string, object: FakeObject, patch: unknown): ScriptedAnswer {
    const changed = applyJsonPatch(object, patch);
    if (changed === undefined) return failure(422, 'a test of the patch failed', 'Invalid');
    return { status: 200, body: this.#store(path, changed as FakeObject) };
  }

  #delete(path: string, object: FakeObject): ScriptedAnswer {
    this.#remove(path);
    return { status: 200, body: object };
  }

  #store(path: string, object: FakeObject): FakeObject {
    const known = this.#objects.get(path);
    this.#version += 1;
    const { metadata } = object;
    const uid = known?.metadata.uid ?? metadata.uid ?? `uid-${this.#version}`;
    const stored = { ...object, metadata: { ...metadata, uid, resourceVersion: String(this.#version) } };
    this.#objects.set(path, stored);
    this.#tell({ type: known === undefined ? 'ADDED' : 'MODIFIED', path, object: stored });
    return stored;
  }

  #remove(path: string): void {
    const object = this.#objects.get(path);
    if (object === undefined) return;
    this.#objects.delete(path);
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#tell({ type: 'DELETED', path, object: { ...object, metadata } });
  }

  #tell(change: Change): void {
    this.#changes.push(change);
    this.#notify();
    setImmediate(() => this.react(change));
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

const absent = failure(404, 'not found', 'NotFound');

function failure(code: number, message: string, reason: string): ScriptedAnswer {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, message, reason } };
}

function pathOf(collection: Collection, namespace = ''): string {
  return collections[collection].replace('NAMESPACE', namespace);
}

/** From the kind of the object on, such as `nodes/n1`. */
function shortPath(path: string): string {
  const [place = '', query] = path.split('?');
  const parts = place.split('/');
  const from = parts.findLastIndex((part) => part in collections);
  return [parts.slice(from).join('/'), ...(query === undefined ? [] : [query])].join('?');
}

function isCollection(path: string): boolean {
  return Object.keys(collections).some((name) => path.endsWith(`/${name}`));
}

function isIn(key: string, collection: string): boolean {
  if (collection === '/api/v1/pods') return /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+$/.test(key);
  return key.startsWith(`${collection}/`) && !key.slice(collection.length + 1).includes('/');
}

function isSelected({ metadata, spec }: FakeObject, query: URLSearchParams): boolean {
  const { nodeName = '' } = (spec ?? {}) as { readonly nodeName?: string };
  const known: Readonly<Record<string, string>> = {
    'metadata.name': metadata.name,
    'spec.nodeName': nodeName,
  };
  const fields = (query.get('fieldSelector') ?? '').split(',').filter((part) => part !== '');
  const labels = (query.get('labelSelector') ?? '').split(',').filter((part) => part !== '');
  return (
    fields.every((field) => {
      const [key = '', value = ''] = field.split('=');
      return known[key] === undefined || known[key] === value;
    }) &&
    labels.every((label) => {
      const [key = '', value] = label.split('=');
      const found = metadata.labels?.[key];
      return value === undefined ? found !== undefined : found === value;
    })
  );
}
