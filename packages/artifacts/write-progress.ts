/** Counts what is written into a release, and reports it every 200 ms. */

export interface WriteProgress {
  /** Shared with an existing release. */
  readonly filesLinked: number;
  readonly filesWritten: number;
  readonly bytesWritten: number;
}

const reportEveryMs = 200;

export class Tally {
  #filesLinked = 0;
  #filesWritten = 0;
  #bytesWritten = 0;
  #reportedAtMs = 0;
  readonly #report: ((progress: WriteProgress) => void) | undefined;

  constructor(report: ((progress: WriteProgress) => void) | undefined) {
    this.#report = report;
  }

  linked(): void {
    this.#filesLinked += 1;
    this.#tell();
  }

  wrote(bytes: number): void {
    this.#filesWritten += 1;
    this.#bytesWritten += bytes;
    this.#tell();
  }

  end(): WriteProgress {
    this.#report?.(this.#now());
    return this.#now();
  }

  #tell(): void {
    const nowMs = performance.now();
    if (this.#report === undefined || nowMs - this.#reportedAtMs < reportEveryMs) return;
    this.#reportedAtMs = nowMs;
    this.#report(this.#now());
  }

  #now(): WriteProgress {
    return {
      filesLinked: this.#filesLinked,
      filesWritten: this.#filesWritten,
      bytesWritten: this.#bytesWritten,
    };
  }
}
