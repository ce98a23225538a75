/** Address of the API server, and credentials. */
import type { RequestOptions } from 'node:https';

export interface Connection {
  /** URL without a slash at its end. */
  readonly server: string;
  /** Credentials and certificate authorities of one request: they may change between requests. */
  readonly options: () => Promise<RequestOptions>;
}
