/** Who asks the cluster: what it is called there, and what its users can do when something fails. */
import type { ApiProblemCode } from './api-problem.ts';

export interface Client {
  /**
   * Such as `kata-deploy`. Sent as `User-Agent`, from which the API server takes the field manager of what is written;
   * also part of the names of its Events.
   */
  readonly name: string;
  /** `reportingController` of its Events, such as `katacontainers.io/kata-deploy`. */
  readonly controller: string;
  /** The hint of each error: what to do next. */
  readonly hints: Readonly<Record<ApiProblemCode, string>>;
}
