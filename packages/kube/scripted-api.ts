/** A double of the API server for tests: answers what a script says, and keeps what it was asked. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';

export interface ScriptedAnswer {
  /** 0: the connection is cut. */
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface ScriptedApi extends AsyncDisposable {
  readonly seen: readonly SeenRequest[];
  readonly connection: Connection;
  /** The same, as a file has it. */
  readonly kubeconfig: string;
}

/** The last answer is given again and again; a function answers each request by itself. */
export async function startScriptedApi(
  script: readonly ScriptedAnswer[] | ((request: SeenRequest) => ScriptedAnswer),
): Promise<ScriptedApi> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const asked = { method: request.method ?? '', path: request.url ?? '', body };
      seen.push(asked);
      const answer =
        typeof script === 'function' ? script(asked) : script[Math.min(seen.length, script.length) - 1];
      await sleep(answer?.delayMs ?? 0, undefined, { ref: false });
      if (answer === undefined || answer.status === 0) {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body ?? { kind: 'Status', message: `scripted ${answer.status}` }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    kubeconfig: kubeconfigOf(`http://127.0.0.1:${port}`),
    connection: {
      server: `http://127.0.0.1:${port}`,
      options: async () => await Promise.resolve({ headers: { Authorization: 'Bearer scripted' } }),
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'scripted', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'nobody', user: { token: 'scripted' } }],
    contexts: [{ name: 'scripted', context: { cluster: 'scripted', user: 'nobody' } }],
    'current-context': 'scripted',
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
