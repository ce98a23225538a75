import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CriClient, configOf } from './cri-client.ts';

/** A length-delimited field of the wire format. */
const field = (id: number, ...content: readonly (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([(id << 3) | 2, body.length]), body]);
};
const number = (id: number, value: number): Buffer => Buffer.from([id << 3, value]);

const readyCondition = field(1, field(1, 'RuntimeReady'), number(2, 1));
const networkCondition = field(1, field(1, 'NetworkReady'));
const unknownField = field(15, 'from the future');

const answers = {
  Version: Buffer.concat([field(1, '0.1.0'), field(2, 'containerd'), field(3, 'v2.4.2'), field(4, 'v1')]),
  Status: Buffer.concat([
    field(1, networkCondition, readyCondition),
    field(3, field(1, 'runc')),
    field(3, field(1, ''), unknownField),
    field(3, field(1, 'kata-qemu'), field(2, number(1, 1))),
    unknownField,
  ]),
  ListPodSandbox: Buffer.concat([
    field(
      1,
      field(1, 'one'),
      field(2, field(1, 'pod'), field(2, 'uid'), field(3, 'space')),
      field(7, 'kata-qemu'),
    ),
    field(1, field(1, 'two'), number(3, 1), number(4, 77)),
    field(1, field(1, 'three'), number(3, 1), field(7, 'kata-clh')),
  ]),
  ListContainers: Buffer.concat([
    field(1, field(1, 'a'), field(2, 'two'), number(6, 2)),
    field(1, field(1, 'b'), field(2, 'three'), number(6, 3)),
  ]),
};
const pluginsPath = '/containerd.services.introspection.v1.Introspection/Plugins';
const snapshotter = (name: string, ...more: readonly Buffer[]): Buffer =>
  field(1, field(1, 'io.containerd.snapshotter.v1'), field(2, name), ...more);
const configured = (defaultRuntimeName: string): Buffer => {
  const config = JSON.stringify({ containerd: { runtimes: { runc: {} }, defaultRuntimeName } });
  return field(2, field(1, 'config'), field(2, config));
};

let directory: string;
let server: Server;
let client: CriClient;

async function serve(given: Readonly<Record<string, Buffer | undefined>>): Promise<void> {
  const method = (name: string) => ({
    path: name === 'Plugins' ? pluginsPath : `/runtime.v1.RuntimeService/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (value: Buffer) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value: Buffer) => value,
  });
  const answer = (name: string) => (_: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
    const bytes = given[name];
    if (bytes !== undefined) done(null, bytes);
  };
  const names = Object.keys(given);
  server.addService(
    Object.fromEntries(names.map((name) => [name, method(name)])),
    Object.fromEntries(names.map((name) => [name, answer(name)])),
  );
  await new Promise<void>((resolve, reject) => {
    const address = `unix:${join(directory, 'engine.sock')}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kata-cri-'));
  server = new Server();
  client = new CriClient({ socketPath: join(directory, 'engine.sock'), timeoutMs: 5000 });
});
afterEach(async () => {
  client.close();
  server.forceShutdown();
  await rm(directory, { recursive: true, force: true });
});

// Issue 12.8, case 21-crio-handler-removed-while-terminating: a terminating sandbox runs until all of it has exited.
test('reads version, status and sandboxes from the wire', async () => {
  await serve(answers);

  expect(await client.engineVersion()).toEqual({ name: 'containerd', version: 'v2.4.2' });
  expect(await client.status()).toEqual({
    isReady: true,
    handlers: ['kata-qemu', 'runc'],
    defaultHandler: undefined,
  });
  expect(await client.sandboxes()).toEqual([
    { id: 'one', isRunning: true, handler: 'kata-qemu', namespace: 'space', name: 'pod', uid: 'uid' },
    { id: 'two', isRunning: false, handler: '', namespace: '', name: '', uid: '' },
    { id: 'three', isRunning: true, handler: 'kata-clh', namespace: '', name: '', uid: '' },
  ]);
});

// Issue 12.8: a pod without a class may run under one of our handlers.
test('a sandbox without a handler has the default handler of the engine', async () => {
  const ListPodSandbox = field(1, field(1, 'one'));
  await serve({ ListPodSandbox, Status: configured('kata-qemu') });

  expect(await client.sandboxes()).toMatchObject([{ id: 'one', isRunning: true, handler: 'kata-qemu' }]);
});

// Issue 15: CRI-O lists no handlers; without them a pod of ours would be overlooked.
test('a sandbox of CRI-O has the handler that its details name', async () => {
  const annotations = { 'io.kubernetes.cri-o.RuntimeHandler': 'kata-qemu' };
  const info = JSON.stringify({ runtimeSpec: { annotations } });
  const ListPodSandbox = field(1, field(1, 'one'));
  await serve({
    ListPodSandbox,
    Status: field(3, field(1, 'kata-qemu')),
    PodSandboxStatus: field(2, field(1, 'info'), field(2, info)),
  });

  expect(await client.sandboxes()).toMatchObject([{ id: 'one', isRunning: true, handler: 'kata-qemu' }]);
});

test('reads the handlers of containerd 1.x from its configuration', async () => {
  const config = JSON.stringify({ containerd: { runtimes: { runc: {}, 'kata-clh': {} } } });
  await serve({ Status: field(2, field(1, 'config'), field(2, config)) });

  expect(await client.status()).toEqual({
    isReady: false,
    handlers: ['kata-clh', 'runc'],
    defaultHandler: undefined,
  });
});

test('the handlers of an engine that reports none are unknown, not empty', async () => {
  await serve({ Status: Buffer.alloc(0) });

  expect(await client.servedHandlers()).toBeUndefined();
});

test('reports an engine that does not run', async () => {
  await expect(client.engineVersion()).rejects.toMatchObject({
    code: 'KATA_HOST_CRI',
    message: `cannot reach the container runtime's CRI socket ${join(directory, 'engine.sock')} (Version)`,
    exitCode: 3,
    details: { status: 'UNAVAILABLE' },
  });
});

test('does not wait forever', async () => {
  await serve({ Version: undefined });
  const impatient = new CriClient({ socketPath: join(directory, 'engine.sock'), timeoutMs: 100 });

  await expect(impatient.engineVersion()).rejects.toMatchObject({
    code: 'KATA_HOST_CRI',
    exitCode: 5,
    details: { status: 'DEADLINE_EXCEEDED' },
  });
  impatient.close();
});

test.each([undefined, '', '[crio]\nx = 1', '{}', '[]', '{"containerd": {}}'])(
  'finds no handlers in %j',
  (config) => {
    expect(configOf(config)).toBeUndefined();
  },
);

test('issue 12.21: only snapshotters that the engine has started count', async () => {
  const failed = field(7, number(1, 9), field(2, 'skip plugin'));
  await serve({
    Plugins: Buffer.concat([
      snapshotter('overlayfs'),
      snapshotter('devmapper', failed),
      snapshotter('erofs'),
    ]),
  });

  expect(await client.snapshotters()).toEqual(['erofs', 'overlayfs']);
});

test('an engine other than containerd reports no snapshotters', async () => {
  await serve(answers);

  expect(await client.snapshotters()).toBeUndefined();
});
