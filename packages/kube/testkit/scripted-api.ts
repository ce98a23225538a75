/** A fake API server for tests, which answers by a script and records the requests. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JumpingClock } from '@kata/core/testkit';
import type { Client } from '../client.ts';
import { type Cluster, type ClusterOptions, connectCluster } from '../cluster.ts';
import type { Connection } from '../connection.ts';

export interface ScriptedAnswer {
  /** 0: the connection is cut. */
  readonly status: number;
  readonly body?: unknown;
  /** Instead of `body`, verbatim. */
  readonly text?: string;
  /** Instead of `body`, as a watch answers: a line for each. */
  readonly lines?: Iterable<unknown> | AsyncIterable<unknown>;
  /** No answer begins, and the connection stays open. */
  readonly isMute?: true;
  /** After these; left out: the answer ends. */
  readonly afterwards?: 'cut' | 'silence';
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

export interface ScriptedApi extends AsyncDisposable {
  readonly seen: readonly SeenRequest[];
  readonly connection: Connection;
  /** A client of it. Default clock: a new `JumpingClock`. */
  readonly connect: (options?: Partial<ClusterOptions>) => Cluster;
  /** The connection as content of a kubeconfig file. */
  readonly kubeconfig: string;
}

/** Hints name their codes. */
export const scriptedClient: Client = {
  name: 'scripted',
  controller: 'example.org/scripted',
  hints: {
    KATA_KUBE_UNREACHABLE: 'hint of UNREACHABLE',
    KATA_KUBE_CONFLICT: 'hint of CONFLICT',
    KATA_KUBE_OVERLOADED: 'hint of OVERLOADED',
    KATA_KUBE_SERVER: 'hint of SERVER',
    KATA_KUBE_UNAUTHORIZED: 'hint of UNAUTHORIZED',
    KATA_KUBE_FORBIDDEN: 'hint of FORBIDDEN',
    KATA_KUBE_NOT_FOUND: 'hint of NOT_FOUND',
    KATA_KUBE_REFUSED: 'hint of REFUSED',
  },
};

/** The last answer of a list is repeated. */
export async function startScriptedApi(
  script: readonly ScriptedAnswer[] | ((request: SeenRequest) => ScriptedAnswer),
): Promise<ScriptedApi> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const { method = '', url: path = '', headers } = request;
      const asked = { method, path, body, headers };
      seen.push(asked);
      const answer =
        typeof script === 'function' ? script(asked) : script[Math.min(seen.length, script.length) - 1];
      await give(response, answer ?? { status: 0 });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const connection: Connection = {
    server: `http://127.0.0.1:${port}`,
    options: async () => await Promise.resolve({ headers: { Authorization: 'Bearer scripted' } }),
  };
  return {
    seen,
    kubeconfig: kubeconfigOf(connection.server),
    connection,
    connect: (options) =>
      connectCluster({ client: scriptedClient, connection, clock: new JumpingClock(), ...options }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function give(response: ServerResponse, answer: ScriptedAnswer): Promise<void> {
  const { status, headers, text, lines, afterwards } = answer;
  if (answer.isMute === true) return;
  if (status === 0) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  for await (const line of lines ?? []) {
    if (response.destroyed) return;
    response.write(`${JSON.stringify(line)}\n`);
  }
  if (lines === undefined && afterwards === undefined) {
    response.end(text ?? JSON.stringify(answer.body ?? { kind: 'Status', message: `scripted ${status}` }));
    return;
  }
  response.flushHeaders();
  if (afterwards === undefined) response.end();
  // What was written must arrive first.
  if (afterwards === 'cut') setTimeout(() => response.destroy(), 20);
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
