/** Reads the environment variables of `make soak`. */
import { type EngineName, engineNames } from '@kata/lab/engines/catalog.ts';

export interface SoakSettings {
  readonly engines: readonly [EngineName, EngineName];
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
  const first = seed % engineNames.length;
  const second = (first + 1 + (Math.floor(seed / 7) % (engineNames.length - 1))) % engineNames.length;
  return [engineNames[first], engineNames[second]].join(',');
}

function readEngines(text: string): readonly [EngineName, EngineName] {
  const [first, second, ...rest] = text.split(',').map((name) => engineNames.find((known) => known === name));
  if (first !== undefined && second !== undefined && rest.length === 0) return [first, second];
  throw new TypeError(
    `SOAK_ENGINES must be two of ${engineNames.join(', ')}, separated by a comma, not "${text}"`,
  );
}
