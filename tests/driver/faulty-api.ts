/**
 * A proxy before the real API server that answers wrongly when its rules say so. Runs by itself on a node of the lab:
 * `node faulty-api.ts PORT RULES LOG SERVER CA`. It listens on 127.0.0.1 without TLS and hands credentials on.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';

/** The first rule that fits a request counts. */
export interface FaultRule {
  readonly method?: string;
  /** A regular expression for path and query. */
  readonly path?: string;
  /** Answers with it; 0 cuts the connection. Without it the request goes on after the delay. */
  readonly status?: number;
  readonly retryAfter?: number;
  readonly delayMs?: number;
  /** How many fitting requests it lets pass first. */
  readonly skip?: number;
  /** How many requests it meets; all when absent. */
  readonly times?: number;
}

export interface SeenByProxy {
  readonly method: string;
  readonly path: string;
  /** What the installer got; 0 when the connection was cut. */
  readonly status: number;
  readonly isFault: boolean;
}

function serve(port: number, rulesFile: string, logFile: string, server: string, caFile: string): void {
  const ca = readFileSync(caFile);
  /** By place among the rules; other rules count anew. */
  const met = new Map<number, number>();
  let known = '';

  const findRule = (method: string, path: string): FaultRule | undefined => {
    const text = readFileSync(rulesFile, 'utf8');
    const rules = JSON.parse(text) as readonly FaultRule[];
    if (text !== known) met.clear();
    known = text;
    for (const [i, rule] of rules.entries()) {
      if (rule.method !== undefined && rule.method !== method) continue;
      if (rule.path !== undefined && !new RegExp(rule.path).test(path)) continue;
      const count = (met.get(i) ?? 0) + 1;
      met.set(i, count);
      const first = (rule.skip ?? 0) + 1;
      if (count < first || (rule.times !== undefined && count >= first + rule.times)) continue;
      return rule;
    }
    return undefined;
  };

  const log = (incoming: IncomingMessage, status: number, isFault: boolean): void => {
    const seen: SeenByProxy = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      status,
      isFault,
    };
    appendFileSync(logFile, `${JSON.stringify(seen)}\n`);
  };

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { connection: _, host: __, ...headers } = incoming.headers;
    const onward = request(
      `${server}${incoming.url ?? ''}`,
      { method: incoming.method, headers, ca },
      (answer) => {
        log(incoming, answer.statusCode ?? 0, false);
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  };

  createServer((incoming, outgoing) => {
    const rule = findRule(incoming.method ?? '', incoming.url ?? '');
    setTimeout(() => {
      if (rule?.status === undefined) {
        forward(incoming, outgoing);
        return;
      }
      log(incoming, rule.status, true);
      if (rule.status === 0) {
        incoming.socket.destroy();
        return;
      }
      const retryAfter = rule.retryAfter === undefined ? {} : { 'Retry-After': String(rule.retryAfter) };
      outgoing.writeHead(rule.status, { 'Content-Type': 'application/json', ...retryAfter });
      outgoing.end(JSON.stringify({ kind: 'Status', message: `injected ${rule.status}` }));
    }, rule?.delayMs ?? 0);
  }).listen(port, '127.0.0.1');
}

if (import.meta.main) {
  const [port = '', rules = '', log = '', server = '', ca = ''] = process.argv.slice(2);
  serve(Number(port), rules, log, server, ca);
}
