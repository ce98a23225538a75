/**
 * A standalone program on a node: prints the handlers that containerd reports on its CRI socket, with digests of their
 * files: `node served-handlers.ts SOCKET [PREFIX]`; the default prefix of names is `kata`. It uses no code of the product.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { createConnection } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** A runtime in the verbose status. */
interface Runtime {
  readonly runtimeType: string;
  readonly runtimePath?: string;
  readonly options?: { readonly ConfigPath?: string };
}

interface Field {
  readonly number: number;
  readonly bytes: Buffer;
}

const [, , socket = '', prefix = 'kata'] = process.argv;
const deadline = Date.now() + 60_000;

/** Verbose. */
const statusRequest = Buffer.from([0x08, 0x01]);

async function requestStatus(): Promise<Buffer> {
  const session = connect('http://localhost', { createConnection: () => createConnection(socket) });
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  session.on('error', reject);
  const call = session.request({
    ':method': 'POST',
    ':path': '/runtime.v1.RuntimeService/Status',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const chunks: Buffer[] = [];
  call.on('data', (chunk: Buffer) => chunks.push(chunk));
  call.on('trailers', (headers) => {
    if (headers['grpc-status'] !== '0') reject(new Error(String(headers['grpc-message'])));
  });
  call.on('end', () => {
    resolve(Buffer.concat(chunks).subarray(5));
  });
  call.on('error', reject);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(statusRequest.length, 1);
  call.end(Buffer.concat([head, statusRequest]));
  try {
    return await promise;
  } finally {
    session.destroy();
  }
}

/** The length-delimited fields of a message; no others are needed. */
function readFields(message: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = message[at] ?? 0;
      at += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const value = varint();
    if (tag % 8 !== 2) continue;
    fields.push({ number: Math.floor(tag / 8), bytes: message.subarray(at, at + value) });
    at += value;
  }
  return fields;
}

function textOf(message: Buffer, number: number): string {
  return (
    readFields(message)
      .find((field) => field.number === number)
      ?.bytes.toString() ?? ''
  );
}

function runtimesIn(response: Buffer): Readonly<Record<string, Runtime>> {
  const [infoField, handlersField] = [2, 3];
  const fields = readFields(response);
  const config = fields.find((field) => field.number === infoField && textOf(field.bytes, 1) === 'config');
  if (config === undefined) throw new Error('the status has no config');
  const { containerd } = JSON.parse(textOf(config.bytes, 2)) as {
    readonly containerd: { readonly runtimes: Readonly<Record<string, Runtime>> };
  };
  const listed = fields
    .filter((field) => field.number === handlersField)
    .map((field) => textOf(field.bytes, 1));
  // containerd 1.x lists none.
  const isListed = (name: string): boolean => listed.length === 0 || listed.includes(name);
  return Object.fromEntries(Object.entries(containerd.runtimes).filter(([name]) => isListed(name)));
}

function digest(path: string | undefined): string {
  if (path === undefined || !existsSync(path)) return `${path ?? 'nothing'} is missing`;
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

/** containerd 1.6 accepts a path as the type, or looks for a program named after it. */
function shimOf({ runtimeType, runtimePath = '' }: Runtime): string {
  if (runtimePath !== '') return runtimePath;
  if (runtimeType.startsWith('/')) return runtimeType;
  return `/usr/local/bin/containerd-shim-${runtimeType.split('.').slice(-2).join('-')}`;
}

async function waitForStatus(): Promise<Buffer> {
  for (;;) {
    try {
      return await requestStatus();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await setTimeout(100);
    }
  }
}

const lines = Object.entries(runtimesIn(await waitForStatus()))
  .filter(([name]) => name.startsWith(prefix))
  .map(
    ([name, runtime]) =>
      `${name} shim ${digest(shimOf(runtime))} configuration ${digest(runtime.options?.ConfigPath)}`,
  );
process.stdout.write(`${lines.toSorted().join('\n')}\n`);
