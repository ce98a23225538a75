/** Answers kubelet's probes: `/healthz` while the process is running, `/readyz` when its work is done. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exitCodes, KataError } from '@kata/core';

// An import would load undici, too: 45 ms and 13 MB.
const { createServer } = process.getBuiltinModule('node:http');
const timeoutMs = 5000;

export class HealthServer implements AsyncDisposable {
  readonly #server: Server;
  #isReady = false;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      const status = this.#statusOf(request.url ?? '');
      // No connection is kept: probes are few, and the process must be able to end.
      response.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close' });
      response.end(status === 200 ? 'ok\n' : `${status === 503 ? 'not ready' : 'not found'}\n`);
    });
  }

  /** Port 0: any free one. */
  static async listen(port: number): Promise<HealthServer> {
    const server = createServer({
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      connectionsCheckingInterval: 1000,
    }).setTimeout(timeoutMs);
    const health = new HealthServer(server);
    server.listen(port);
    try {
      await once(server, 'listening');
    } catch (error) {
      throw new KataError('KATA_DEPLOY_PORT', `cannot listen on port ${port} for probes`, {
        exitCode: exitCodes.precondition,
        hint: 'set HEALTH_PORT and the probes to a free port',
        cause: error,
      });
    }
    return health;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  setReady(): void {
    this.#isReady = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #statusOf(url: string): 200 | 404 | 503 {
    const [path] = url.split('?');
    if (path === '/healthz') return 200;
    if (path !== '/readyz') return 404;
    return this.#isReady ? 200 : 503;
  }
}
