/** Collects all problems of the settings, to report them together. */
import { exitCodes, KataError } from '@kata/core';

export class Problems {
  readonly #found: { readonly problem: string; readonly hint: string }[] = [];

  /** `problem` names the variable, the key of the file or the flag; `hint` lists what is allowed. */
  add(problem: string, hint: string): void {
    this.#found.push({ problem, hint });
  }

  /** @throws KataError `KATA_CONFIG_INVALID` with one line for each problem. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const problems = new Set(this.#found.map((found) => found.problem));
    const hints = new Set(this.#found.map((found) => found.hint));
    throw new KataError('KATA_CONFIG_INVALID', [...problems].join('\n'), {
      exitCode: exitCodes.usage,
      hint: [...hints].join('; '),
      details: { problems: [...problems] },
    });
  }
}
