/** Reads the environment variables of `make soak`. */
import { type ContainerdName, containerdNames } from '@kata/lab/engines/catalog.ts';

export interface SoakSettings {
  readonly engines: readonly [ContainerdName, ContainerdName];
  readonly minutes: number;
  readonly seed: number;
  readonly again: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Defaults for the seed and for two different engines are derived from the time. */
export function readSoakOptions(environment: Environment, now: number): SoakSettings {
  const seed = readNumber(environment, 'SEED', now % 1_000_000);
  const minutes = readNumber(environment, 'SOAK_MINUTES', 60);
  const engines = readEngines(environment['SOAK_ENGINES'] || chooseEngines(seed));
  const again = `make soak SEED=${seed} SOAK_MINUTES=${minutes} SOAK_ENGINES=${engines.join(',')}`;
  return { engines, minutes, seed, again };
}

function readNumber(environment: Environment, name: string, otherwise: number): number {
  const text = environment[name] ?? '';
  if (text === '') return otherwise;
  if (/^\d+$/.test(text)) return Number(text);
  throw new TypeError(`${name} is not a number: ${text}`);
}

function chooseEngines(seed: number): string {
  const first = seed % containerdNames.length;
  const second = (first + 1 + (Math.floor(seed / 7) % (containerdNames.length - 1))) % containerdNames.length;
  return [containerdNames[first], containerdNames[second]].join(',');
}

function readEngines(text: string): readonly [ContainerdName, ContainerdName] {
  const [first, second, ...rest] = text
    .split(',')
    .map((name) => containerdNames.find((known) => known === name));
  if (first !== undefined && second !== undefined && rest.length === 0) return [first, second];
  throw new TypeError(
    `SOAK_ENGINES must be two of ${containerdNames.join(', ')}, separated by a comma, not "${text}"`,
  );
}
