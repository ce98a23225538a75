/** Repeated measurements by name; figures may be ratios of two measurements of the same round. */

export interface Figure {
  readonly median: number;
  /** The interquartile range. */
  readonly noise: number;
}

export class Samples {
  readonly #values = new Map<string, number[]>();

  add(values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
    }
  }

  figure(name: string): Figure {
    return figureOf(this.#of(name));
  }

  /** Of values of the same round, so that changing load of the machine matters less. */
  ratio(name: string, base: string): Figure {
    return this.#against(name, base, (value, other) => value / other);
  }

  difference(name: string, base: string): Figure {
    return this.#against(name, base, (value, other) => value - other);
  }

  #against(name: string, base: string, of: (value: number, other: number) => number): Figure {
    const bases = this.#of(base);
    return figureOf(this.#of(name).map((value, i) => of(value, bases[i] ?? Number.NaN)));
  }

  #of(name: string): readonly number[] {
    const values = this.#values.get(name);
    if (values === undefined) throw new TypeError(`no samples of "${name}"`);
    return values;
  }
}

function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below + (above - below) * (place % 1);
  };
  return { median: at(0.5), noise: at(0.75) - at(0.25) };
}
