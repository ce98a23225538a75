/** Records when a node gets the label by which Kata pods are scheduled. */
import { execa } from 'execa';
import { waitFor } from '@kata/core';
import { labProgram, type LabDriver } from '../driver/lab-driver.ts';

const template = String.raw`{.metadata.labels.katacontainers\.io/kata-runtime}{"\n"}`;

export class LabelWatch implements AsyncDisposable {
  readonly #process: ReturnType<typeof startWatch>;
  readonly #reading: Promise<void>;
  readonly #times: number[] = [];
  #isOpen = false;

  constructor(lab: LabDriver, node: string) {
    this.#process = startWatch(lab.name, node);
    this.#reading = this.#read();
  }

  async opened(): Promise<void> {
    await waitFor(
      { what: 'the watch of the node', timeoutMs: 30_000, intervalMs: 50 },
      async () => await Promise.resolve(this.#isOpen ? true : undefined),
    );
  }

  /** Seconds from `startMs` until the label became true. Waits up to 10 s for it. */
  async secondsSince(startMs: number): Promise<number> {
    const what = 'the watch to see the label';
    const at = await waitFor(
      { what, timeoutMs: 10_000, intervalMs: 20 },
      async () => await Promise.resolve(this.#times.find((time) => time >= startMs)),
    );
    return (at - startMs) / 1000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#reading;
  }

  async #read(): Promise<void> {
    let before = '';
    for await (const line of this.#process) {
      this.#isOpen = true;
      if (line === 'true' && before !== 'true') this.#times.push(Date.now());
      before = line;
    }
  }
}

function startWatch(labName: string, node: string) {
  const words = ['kubectl', 'get', 'node', node, '--watch', `--output=jsonpath=${template}`];
  const options = { env: { LAB_NAME: labName }, reject: false, stdin: 'ignore', buffer: false } as const;
  return execa(labProgram, words, options);
}
