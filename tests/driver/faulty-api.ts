/**
 * A proxy for the API server that injects faults according to its rules. A standalone program on a node of the lab:
 * `node faulty-api.ts PORT RULES LOG SERVER CA`. It listens on 127.0.0.1 without TLS and forwards credentials.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';

/** The first rule that matches a request applies. */
export interface FaultRule {
  readonly method?: string;
  /** A regular expression for path and query. */
  readonly path?: string;
  /** The status of the response; 0 closes the connection; without it the request is forwarded after the delay. */
  readonly status?: number;
  readonly retryAfter?: number;
  readonly delayMs?: number;
  /** How many matching requests are forwarded first. */
  readonly skip?: number;
  /** To how many requests it applies; all when absent. */
  readonly times?: number;
}

export interface SeenByProxy {
  readonly method: string;
  readonly path: string;
  /** The status that the installer got; 0 when the connection was closed. */
  readonly status: number;
  readonly isFault: boolean;
}

function serve(port: number, rulesFile: string, logFile: string, server: string, caFile: string): void {
  const ca = readFileSync(caFile);
  /** Count of matches by index of the rule; reset when the rules change. */
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
