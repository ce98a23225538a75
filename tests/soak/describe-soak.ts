/** The soak as a test; it removes its lab. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerdName } from '@kata/lab/engines/catalog.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { absentSteps, describeCount, Soak } from './soak.ts';

/** Long enough for every kind of step. */
const wholeMinutes = 30;

export interface DescribedSoak {
  readonly lab: string;
  readonly engines: readonly [ContainerdName, ContainerdName];
  readonly minutes: number;
  readonly seed: number;
  readonly again: string;
}

export function describeSoak({ lab: name, ...options }: DescribedSoak): void {
  const lab = new LabDriver(name);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const soak = new Soak({ ...options, lab, say });

  beforeAll(async () => {
    await soak.prepare();
  });

  afterAll(async () => {
    if (process.env['KEEP'] !== '1') await lab.down();
  });

  test(
    `issue 12, acceptance 3: random steps for ${options.minutes} minutes lose no pod and no setting, and the nodes are restored`,
    async () => {
      say(`soak, seed ${options.seed}, on ${options.engines.join(' and ')}; to repeat: ${options.again}`);

      const count = await soak.run();

      say(`soak, seed ${options.seed}: ${describeCount(count)}`);
      expect(Object.keys(count.steps).length).toBeGreaterThan(3);
      if (options.minutes >= wholeMinutes) expect(absentSteps(count.steps)).toEqual([]);
    },
    (options.minutes + 20) * 60_000,
  );
}
