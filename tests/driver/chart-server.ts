/** Serves one packaged chart, as an OCI registry and as a chart repository: with TLS or without, with a password or without. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import {
  createServer as createPlain,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { execa } from 'execa';

export interface ChartServerOptions {
  /** The chart, a .tgz file. */
  readonly archive: string;
  readonly name: string;
  readonly version: string;
  readonly isSecure: boolean;
  /** `user:password` */
  readonly login?: string;
}

interface Served {
  readonly type: string;
  readonly body: Buffer;
}

const digestOf = (body: Buffer): string => `sha256:${createHash('sha256').update(body).digest('hex')}`;

export class ChartServer implements AsyncDisposable {
  /** Of the server's certificate. */
  readonly caFile: string;
  readonly host: string;
  /** Paths that were requested without the login. */
  readonly refused: string[] = [];
  readonly #server: Server;

  private constructor(server: Server, caFile: string) {
    this.#server = server;
    this.caFile = caFile;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `directory`: for the certificate. */
  static async open(directory: string, options: ChartServerOptions): Promise<ChartServer> {
    const caFile = join(directory, 'ca.pem');
    const files = await readServed(options);
    let opened: ChartServer | undefined;
    const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      const { url = '/' } = incoming;
      const expected = `Basic ${Buffer.from(options.login ?? '').toString('base64')}`;
      if (options.login !== undefined && incoming.headers.authorization !== expected) {
        opened?.refused.push(url);
        outgoing.writeHead(401, { 'WWW-Authenticate': 'Basic realm="charts"' }).end();
        return;
      }
      answer(files.get(url), incoming.method === 'HEAD', outgoing);
    };
    const server = options.isSecure
      ? createSecure(await certificate(directory), handle)
      : createPlain(handle);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened = new ChartServer(server, caFile);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function answer(served: Served | undefined, isHead: boolean, outgoing: ServerResponse): void {
  if (served === undefined) {
    outgoing.writeHead(404).end();
    return;
  }
  const { type, body } = served;
  outgoing.writeHead(200, {
    ...{ 'Content-Type': type, 'Content-Length': String(body.length) },
    'Docker-Content-Digest': digestOf(body),
  });
  outgoing.end(isHead ? undefined : body);
}

async function readServed({
  archive,
  name,
  version,
}: ChartServerOptions): Promise<ReadonlyMap<string, Served>> {
  const chart = {
    type: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    body: await readFile(archive),
  };
  const metadata = { apiVersion: 'v2', name, version, appVersion: version };
  const config = json('application/vnd.cncf.helm.config.v1+json', metadata);
  const describe = ({ type, body }: Served): object => ({
    mediaType: type,
    digest: digestOf(body),
    size: body.length,
  });
  const manifest = json('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describe(config),
    layers: [describe(chart)],
  });
  const entry = {
    ...metadata,
    urls: [basename(archive)],
    digest: digestOf(chart.body).slice('sha256:'.length),
  };
  const repository = `/v2/charts/${name}`;
  return new Map([
    ['/v2/', json('application/json', {})],
    [`${repository}/manifests/${version}`, manifest],
    [`${repository}/manifests/${digestOf(manifest.body)}`, manifest],
    ...[config, chart].map((blob) => [`${repository}/blobs/${digestOf(blob.body)}`, blob] as const),
    ['/charts/index.yaml', json('text/yaml', { apiVersion: 'v1', entries: { [name]: [entry] } })],
    [`/charts/${basename(archive)}`, chart],
  ]);
}

function json(type: string, value: object): Served {
  return { type, body: Buffer.from(JSON.stringify(value)) };
}

/** Self-signed: it is its own authority. */
async function certificate(directory: string): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  const [cert, key] = [join(directory, 'ca.pem'), join(directory, 'key.pem')];
  await writeFile(key, '', { mode: 0o600 });
  await execa('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=charts', '-addext', 'subjectAltName=IP:127.0.0.1', '-out', cert, '-keyout', key],
  ]);
  return { cert: await readFile(cert), key: await readFile(key) };
}
