/** A client of the cluster: its name there, and the hints of its errors. */
import type { ApiProblemCode } from './api-problem.ts';

export interface Client {
  /**
   * Such as `kata-deploy`. Sent as `User-Agent`, which the API server uses as field manager; also part of the names of
   * its Events.
   */
  readonly name: string;
  /** `reportingController` of its Events, such as `katacontainers.io/kata-deploy`. */
  readonly controller: string;
  /** The hint of each error: what to do next. */
  readonly hints: Readonly<Record<ApiProblemCode, string>>;
}
