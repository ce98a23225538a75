/** How the API server is reached, and with whose credentials. */
import type { RequestOptions } from 'node:https';

export interface Connection {
  /** URL without a slash at its end. */
  readonly server: string;
  /** Credentials and authorities for one request: they may change between two. */
  readonly options: () => Promise<RequestOptions>;
}
