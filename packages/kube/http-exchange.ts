/** Sends one HTTP request and streams its answer. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as requestSecure, type RequestOptions } from 'node:https';

// An import would load undici, too: 45 ms and 13 MB.
const { request: requestPlain } = process.getBuiltinModule('node:http');

export interface HttpRequest {
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** Resolves when the answer begins. Rejects when the connection fails or the signal is aborted, which also ends the answer. */
export async function openAnswer(
  url: URL,
  request: HttpRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
  const { method, body, signal } = request;
  return await new Promise<IncomingMessage>((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const credentials = options.headers as OutgoingHttpHeaders | undefined;
    const headers = { ...credentials, ...request.headers, ...length };
    const all = { method, headers, signal };
    // Without TLS, as behind `kubectl proxy`, only the headers are used.
    const sending =
      url.protocol === 'http:'
        ? requestPlain(url, all, resolve)
        : requestSecure(url, { ...options, ...all }, resolve);
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Rejects when the answer breaks off. */
export async function readText(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** Complete lines only, without line ends. Throws when the answer breaks off. */
export async function* readLines(answer: IncomingMessage): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  for await (const piece of answer) {
    const [first = '', ...others] = decoder.decode(piece as Buffer, { stream: true }).split('\n');
    begun.push(first);
    if (others.length === 0) continue;
    const last = others.pop() ?? '';
    yield begun.join('');
    yield* others;
    begun = [last];
  }
}
