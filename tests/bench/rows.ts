/** The goal of each figure, and its origin. */
import { exactly, type Row } from './goals.ts';
import type { Samples } from './samples.ts';

/**
 * Absolute times differ between machines, so most goals are a share of the time that the program before decision 0015
 * (commit d2328d5) takes. That was measured on 2026-11-27 by five rounds of this benchmark with its program in the same
 * images, on a quiet machine, right after five rounds of the present one.
 */
interface RatioGoal {
  readonly what: string;
  readonly name: string;
  readonly base: 'tar.seconds' | 'tar.cpu' | 'node.seconds';
  readonly goal?: number;
}

const ratioGoals: readonly RatioGoal[] = [
  { what: 'writing a release', name: 'install.writing', base: 'tar.seconds', goal: 0.7 },
  { what: 'first install, until the label is set', name: 'install.labelled', base: 'tar.seconds' },
  { what: 'first install, done', name: 'install.seconds', base: 'tar.seconds', goal: 6.04 / 2 },
  { what: 'first install, CPU time', name: 'install.cpu', base: 'tar.cpu', goal: 3.29 / 2 },
  // 0.35 s, where it took 0.62 s.
  {
    what: 'install again, nothing to do',
    name: 'again.seconds',
    base: 'node.seconds',
    goal: (25.9 * 0.35) / 0.62,
  },
  // Upstream's installer took 1.2 s, ours 2.8 s.
  { what: 'upgrade', name: 'upgrade.seconds', base: 'tar.seconds', goal: (2.26 * 1.2) / 2.8 },
  { what: 'upgrade, CPU time', name: 'upgrade.cpu', base: 'tar.cpu', goal: 3.33 / 2 },
  { what: 'status', name: 'status.seconds', base: 'node.seconds', goal: 8.92 * 0.6 },
  // 1.0 s, where it took 1.08 s.
  { what: 'uninstall', name: 'uninstall.seconds', base: 'tar.seconds', goal: (1.23 * 1) / 1.08 },
];

const baseTitles = {
  'tar.seconds': "tar's",
  'tar.cpu': "tar's",
  'node.seconds': "bare Node's",
} as const;

export function costRows(samples: Samples): readonly Row[] {
  const count = (name: string): Row['measured'] => samples.figure(name);
  return [
    ...ratioGoals.map((ratio) => ratioRow(samples, ratio)),
    ...['install', 'upgrade'].map((name): Row => {
      const measured = samples.figure(`${name}.peak`);
      return { what: `${name}, peak resident`, measured, unit: 'MB', goal: 90, digits: 0 };
    }),
    { what: 'again: files written', measured: count('again.files'), unit: '', goal: 0, digits: 0 },
    { what: 'again: restarts', measured: count('again.restarts'), unit: '', goal: 0, digits: 0 },
    {
      what: 'upgrade: bytes written against bytes that differ',
      measured: samples.ratio('upgrade.written', 'upgrade.changed'),
      unit: 'times',
      goal: 1.1,
    },
    { what: 'upgrade: restarts', measured: count('upgrade.restarts'), unit: '', goal: 0, digits: 0 },
    helpRow(samples),
  ];
}

function ratioRow(samples: Samples, { what, name, base, goal }: RatioGoal): Row {
  return {
    what,
    measured: samples.ratio(name, base),
    unit: `times ${baseTitles[base]}`,
    detail: `${samples.figure(name).median.toFixed(2)} s, ${samples.figure(base).median.toFixed(3)} s`,
    ...(goal === undefined ? {} : { goal: Math.round(goal * 100) / 100 }),
  };
}

function helpRow(samples: Samples): Row {
  const measured = samples.difference('help.seconds', 'node.seconds');
  return {
    what: '--help, beyond bare Node',
    measured: { median: measured.median * 1000, noise: measured.noise * 1000 },
    unit: 'ms',
    goal: 20,
    digits: 0,
  };
}

export function sizeRows(imageMegabytes: number, waiterMegabytes: number): readonly Row[] {
  return [
    {
      what: 'image, compressed as for a release',
      measured: exactly(imageMegabytes),
      unit: 'MB',
      goal: 325,
      digits: 1,
    },
    { what: 'waiter, resident', measured: exactly(waiterMegabytes), unit: 'MB', goal: 2 },
  ];
}
