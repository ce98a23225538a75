/** A proxy for the API server, in this process, that holds one chosen write before or after the API server handles it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** `write` counts from 1. */
export interface Hold {
  readonly write: number;
  readonly when: 'before' | 'after';
}

interface KubeconfigFile {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } },
  ];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}

const decode = (text: string): string => Buffer.from(text, 'base64').toString();

export class ApiGate implements AsyncDisposable {
  /** Method and path of each write, since the last `reset`. */
  writes: string[] = [];
  readonly #upstream: { readonly server: string; readonly options: RequestOptions };
  readonly #server: Server;
  #hold: Hold | undefined;
  #held = Promise.withResolvers<void>();
  #released = Promise.withResolvers<void>();

  private constructor(upstream: { readonly server: string; readonly options: RequestOptions }) {
    this.#upstream = upstream;
    this.#server = createServer((incoming, outgoing) => {
      this.#handle(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** With the administrator of a kubeconfig of the lab. */
  static async open(kubeconfig: string): Promise<ApiGate> {
    const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8')) as KubeconfigFile;
    const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
    const { 'client-certificate-data': certificate, 'client-key-data': key } = users[0].user;
    const agent = new Agent({
      ca: decode(authority),
      cert: decode(certificate),
      key: decode(key),
      keepAlive: true,
    });
    const gate = new ApiGate({ server, options: { agent } });
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when the write is held, until `release` or the end of its client. */
  async holdAt(hold: Hold): Promise<void> {
    this.reset();
    this.#hold = hold;
    await this.#held.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  reset(): void {
    this.writes = [];
    this.#hold = undefined;
    this.#held = Promise.withResolvers();
    this.#released = Promise.withResolvers();
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = incoming;
    const when = this.#whenToHold(method, url);
    if (when === 'before') await this.#wait();
    const { host: _, ...headers } = incoming.headers;
    const onward = request(`${this.#upstream.server}${url}`, { ...this.#upstream.options, method, headers });
    incoming.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    if (when === 'after') await this.#wait();
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  }

  async #wait(): Promise<void> {
    this.#held.resolve();
    await this.#released.promise;
  }

  /** Dry runs and reviews write nothing. */
  #whenToHold(method: string, url: string): Hold['when'] | undefined {
    if (method === 'GET' || url.includes('dryRun=') || url.includes('/apis/authorization')) return undefined;
    this.writes.push(`${method} ${url.replace(/\?.*/, '')}`);
    return this.writes.length === this.#hold?.write ? this.#hold.when : undefined;
  }
}
