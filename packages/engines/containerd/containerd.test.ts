import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import { Trial } from '../conformance/trial.ts';
import { main, qemu, qemuAndClh, textsOf, versions } from './testkit/case-machines.ts';
import { fixturesOf, tested } from './testkit/conformance-machines.ts';

const cases = versions.flatMap(fixturesOf).filter(({ refuses }) => refuses?.handlers === undefined);

describe.each(cases)('containerd $version with $name', ({ version, files }) => {
  test('keeps every existing line', async () => {
    const trial = new Trial(tested, version, files);
    const before = textsOf(trial);
    expect(await trial.step('', qemuAndClh)).toEqual([]);
    const after = textsOf(trial);

    for (const [path, text] of Object.entries(before)) {
      const lines = (after[path as HostPath] ?? '').split(/\r?\n/);
      // A value on one line is extended there.
      const lost = text.split(/\r?\n/).filter((line) => !lines.includes(line));
      expect(lost.filter((line) => !/imports|"\/etc|# dense/.test(line))).toEqual([]);
    }
  });
});

test.each([
  ['1.6.20', 'fresh-1.6'],
  ['1.7.30', 'fresh-1.7'],
  ['2.2.1', 'fresh-2.2'],
  ['2.4.2', 'fresh-2.4'],
])('containerd %s without a file', async (version) => {
  const trial = new Trial(tested, version, {});
  expect(await trial.step('', qemu)).toEqual([]);

  expect(textsOf(trial)).toMatchSnapshot();
});

test.each([
  ['1.7.30', 2],
  ['2.2.1', 2],
  ['2.2.1', 3],
  ['2.4.2', 2],
  ['2.4.2', 3],
  ['2.4.2', 4],
])('containerd %s with schema %i and a directory for drop-ins', async (version, schema) => {
  const text = `version = ${schema}\nimports = ["conf.d/*.toml"]\n`;
  const trial = new Trial(tested, version, { [main]: text });
  expect(await trial.step('', qemu)).toEqual([]);

  expect(textsOf(trial)).toMatchSnapshot();
});
