/** A proxy in front of the API server, which can kill a program before or after any of its writes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';

export type Moment = 'before' | 'after';

export interface Trigger {
  /** Of the write, from 0. */
  readonly index: number;
  readonly moment: Moment;
  readonly kill: () => void;
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
}

export class KillingProxy implements AsyncDisposable {
  readonly #target: URL;
  readonly #credentials: RequestOptions;
  readonly #program: string;
  readonly #server = createServer((incoming, outgoing) => {
    this.#serve(incoming, outgoing);
  });
  #writes: string[] = [];
  #accepted: string[] = [];
  #trigger: Trigger | undefined;

  private constructor(kubeconfig: string, program: string) {
    const { clusters, users } = parse(kubeconfig) as Kubeconfig;
    const { server = '', 'certificate-authority-data': ca = '' } = clusters[0].cluster;
    const { 'client-certificate-data': cert = '', 'client-key-data': key = '' } = users[0].user;
    const decode = (text: string): Buffer => Buffer.from(text, 'base64');
    this.#target = new URL(server);
    this.#credentials = { ca: decode(ca), cert: decode(cert), key: decode(key) };
    this.#program = program;
  }

  /** `program`: the user agent whose writes count. */
  static async start(kubeconfig: string, program: string): Promise<KillingProxy> {
    const proxy = new KillingProxy(kubeconfig, program);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** For clients of the proxy. */
  get kubeconfig(): string {
    const { port } = this.#server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'lab', cluster }],
      users: [{ name: 'lab', user: { token: 'the proxy has the credentials' } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      'current-context': 'lab',
    });
  }

  /** Since the last `arm`, such as `PATCH /api/v1/nodes/n1`. */
  get writes(): readonly string[] {
    return this.#writes;
  }

  /** Those that the API server has carried out, with renewals of the Lease. */
  get accepted(): readonly string[] {
    return this.#accepted;
  }

  arm(trigger?: Trigger): void {
    this.#writes = [];
    this.#accepted = [];
    this.#trigger = trigger;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const moment = this.#momentOf(incoming);
    if (moment === 'before') {
      this.#trigger?.kill();
      incoming.socket.destroy();
      return;
    }
    const { connection: _, host: __, authorization: ___, ...headers } = incoming.headers;
    const onward = request(
      {
        ...this.#credentials,
        ...addressOf(this.#target),
        path: incoming.url,
        method: incoming.method,
        headers,
      },
      (answer) => {
        this.#noteAccepted(incoming, answer.statusCode ?? 502);
        if (moment === 'after') {
          this.#trigger?.kill();
          incoming.socket.destroy();
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => incoming.socket.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  /** A renewal of the Lease comes at any time, and changes nothing. */
  #momentOf({ method = 'GET', url = '', headers }: IncomingMessage): Moment | undefined {
    const isWrite = method !== 'GET' && !url.includes('/leases');
    if (!isWrite || headers['user-agent'] !== this.#program) return undefined;
    const index = this.#writes.push(describe(method, url)) - 1;
    return index === this.#trigger?.index ? this.#trigger.moment : undefined;
  }

  #noteAccepted({ method = 'GET', url = '' }: IncomingMessage, status: number): void {
    const isDry = url.includes('dryRun=');
    if (method !== 'GET' && !isDry && status < 300) this.#accepted.push(describe(method, url));
  }
}

function describe(method: string, url: string): string {
  return `${method} ${url.replace(/\?.*/, '')}`;
}

function addressOf({ hostname, port }: URL): RequestOptions {
  return { hostname, port };
}
